import { quoted } from '../quoted.ts';
import type { Sheet } from './sheet.ts';

/** A cell that ought to hold a number. */
export interface NumberCell {
  readonly text: string;
  readonly line: number;
  /** Of the column, from 0. */
  readonly index: number;
}

interface Doubt {
  readonly cell: NumberCell;
  readonly message: string;
}

type DecimalMark = '.' | ',';

/** 1,234 and 12.345.678: may be a number of thousands. 0,125 may not. */
const GROUPED = /^[1-9]\d{0,2}(?:[.,]\d{3})+$/;
const COMMA = /^\d+,\d+(?:e[+-]?\d+)?$/i;
const POINT = /^\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;

/**
 * Which mark the numbers of a sheet have before their decimals. Only what can be read in one way is read: in a file separated
 * by commas that is a point; in any other all numbers with a mark must have the same one, and one of them must show that it
 * does not separate thousands.
 */
export function decimalMark(
  separator: Sheet['separator'],
  cells: readonly NumberCell[],
): { readonly mark: DecimalMark; readonly doubts: readonly Doubt[] } {
  const withComma = cells.filter(({ text }) => text.includes(','));
  if (separator === ',')
    return { mark: '.', doubts: withComma.map((cell) => ({ cell, message: commaDoubt(cell) })) };
  const withPoint = cells.filter(({ text }) => text.includes('.'));
  const mark: DecimalMark = withComma.length > 0 ? ',' : '.';
  const [comma, point] = [withComma[0], withPoint[0]];
  const both = withComma.filter(({ text }) => text.includes('.'));
  if (both.length > 0) return { mark, doubts: both.map((cell) => ({ cell, message: groupDoubt(cell) })) };
  if (comma !== undefined && point !== undefined) {
    const [odd, usual] = withComma.length < withPoint.length ? [comma, point] : [point, comma];
    const message = `${quoted(odd.text)} here and ${quoted(usual.text)} in line ${usual.line}: two decimal marks in one file`;
    return { mark, doubts: [{ cell: odd, message }] };
  }
  const marked = comma === undefined ? withPoint : withComma;
  const mayBeThousands = marked.every(({ text }) => GROUPED.test(text));
  return {
    mark,
    doubts: mayBeThousands ? marked.map((cell) => ({ cell, message: groupDoubt(cell) })) : [],
  };
}

/** @returns `undefined` for a text that is no number with that mark */
export function numberOf(text: string, mark: DecimalMark): number | undefined {
  if (mark === ',' && COMMA.test(text)) return Number(text.replace(',', '.'));
  // A minus is read, so that a limit below nothing is named as one.
  return POINT.test(text.replace(/^-/, '')) && !(mark === ',' && text.includes('.'))
    ? Number(text)
    : undefined;
}

function commaDoubt(cell: NumberCell): string {
  return GROUPED.test(cell.text)
    ? groupDoubt(cell)
    : `${quoted(cell.text)} has a decimal comma in a file separated by commas`;
}

function groupDoubt({ text }: NumberCell): string {
  const marks = text.match(/[.,]/g) ?? [];
  if (marks.length > 1) return `${quoted(text)} has separators of thousands`;
  return `${quoted(text)} may be ${text.replace(/[.,]/, '')} or ${text.replace(',', '.')}`;
}
