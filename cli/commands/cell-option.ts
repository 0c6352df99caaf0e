import { CONTROLS, isControlId, LAYERS, type Layer, PumprangeError } from '../../protocol/index.ts';
import { type Cell, nearest } from '../../scenarios/index.ts';

export interface CellFlags {
  readonly bare?: boolean;
  readonly onlyControl?: string;
  readonly withoutControl?: string;
  readonly lostDomain?: string;
}

/**
 * The cell of the matrix that flags name; `undefined` for none.
 *
 * @throws PumprangeError `PR_USAGE` for two at once and for a control or a domain that does not exist
 */
export function cellOf({ bare, onlyControl, withoutControl, lostDomain }: CellFlags): Cell | undefined {
  const cells: Cell[] = [
    ...(bare === true ? [{ cell: 'bare' } as const] : []),
    ...(onlyControl === undefined ? [] : [{ cell: 'alone', control: controlOf(onlyControl) } as const]),
    ...(withoutControl === undefined
      ? []
      : [{ cell: 'removed', control: controlOf(withoutControl) } as const]),
    ...(lostDomain === undefined ? [] : [{ cell: 'lost', domain: domainOf(lostDomain) } as const]),
  ];
  if (cells.length > 1) {
    throw new PumprangeError(
      'PR_USAGE',
      '--bare, --only-control, --without-control and --lost-domain exclude each other',
    );
  }
  return cells[0];
}

function controlOf(id: string) {
  if (isControlId(id)) return id;
  throw unknown('control', id, Object.keys(CONTROLS));
}

function domainOf(id: string): Layer {
  const found = LAYERS.find((layer) => layer === id);
  if (found !== undefined) return found;
  throw unknown('failure domain', id, LAYERS);
}

function unknown(what: string, id: string, ids: readonly string[]): PumprangeError {
  const near = nearest(id, ids);
  return new PumprangeError(
    'PR_USAGE',
    `there is no ${what} "${id}"${near === undefined ? `; there are ${ids.join(', ')}` : `: did you mean "${near}"?`}`,
  );
}
