import { isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { PumprangeError } from '../../protocol/index.ts';
import { readBounded } from '../read-bounded.ts';
import { type Advisory, advisoriesSchema } from './advisory.ts';
import type { InventoriedPump } from './exposure.ts';

const LARGEST_FILE_BYTES = 16 * 1024 * 1024;
/** One slip can be followed by thousands of faults that all come from it. */
const MOST_PROBLEMS = 20;

/**
 * An inventory: JSON or YAML. Members that it does not need are left alone, so that the document of `pumprange up --json` is one, and so is
 * what an asset register exports under these names.
 */
const inventorySchema = z.looseObject({
  pumps: z
    .array(
      z.looseObject({
        serial: z.string().min(1).max(64),
        model: z.string().min(1).max(32),
        firmware: z.string().min(1).max(32),
        careArea: z.string().max(64).optional(),
      }),
    )
    .max(100_000),
});

/**
 * Reads an advisory file.
 *
 * @throws PumprangeError `PR_FILE_UNREADABLE`; `PR_EXPOSURE_INVALID` with each problem as `file:line:column: …`
 */
export function loadAdvisories(path: string): readonly Advisory[] {
  return parseAs(advisoriesSchema, textOf(path), path).advisories;
}

/** Reads an inventory. @throws as `loadAdvisories` */
export function loadInventory(path: string): readonly InventoriedPump[] {
  return parseAs(inventorySchema, textOf(path), path).pumps.map(({ serial, model, firmware, careArea }) => ({
    serial,
    model,
    firmware,
    careArea: careArea ?? null,
  }));
}

function textOf(path: string): string {
  const bytes = readBounded(path, {
    what: 'such a file',
    mostBytes: LARGEST_FILE_BYTES,
    code: 'PR_EXPOSURE_INVALID',
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new PumprangeError('PR_EXPOSURE_INVALID', `${path}: not UTF-8`);
  }
}

function parseAs<S extends z.ZodType>(schema: S, text: string, path: string): z.output<S> {
  const lines = new LineCounter();
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
  };
  const invalid = (problems: readonly string[]): PumprangeError =>
    new PumprangeError('PR_EXPOSURE_INVALID', problems.slice(0, MOST_PROBLEMS).join('\n'));
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) throw invalid(faults.map(({ pos, message }) => `${place(pos[0])}: ${message}`));
  const parsed = schema.safeParse(document.toJS({ maxAliasCount: 20 }));
  if (parsed.success) return parsed.data;
  throw invalid(
    parsed.error.issues.map(({ path: at, message }) => {
      const where = at.length === 0 ? '' : `${at.join('.')}: `;
      return `${place(nearest(document, at))}: ${where}${message}`;
    }),
  );
}

/** Where a value stands, or else the nearest one around it. */
function nearest(document: ReturnType<typeof parseDocument>, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node)) return node.range?.[0] ?? 0;
  }
  return document.contents?.range?.[0] ?? 0;
}
