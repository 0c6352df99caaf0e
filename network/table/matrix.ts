import type { Cell, TableLayer } from './document.ts';

/** Many cells in one: everything that was tried from somewhere to something. */
export interface Summary {
  readonly tried: number;
  /** What got through, by its name, in order of the table and each once. */
  readonly passed: readonly string[];
  /** `all`, also what nobody listens on: nothing is in between. */
  readonly word: 'all' | 'some' | 'none';
  readonly mismatches: number;
  readonly disagreements: number;
}

/**
 * One layer of a table in rows and columns.
 *
 * @param named what a cell that got through is called
 */
export function matrixOf(
  cells: readonly Cell[],
  layer: TableLayer,
  { row, column, named }: Readonly<Record<'row' | 'column' | 'named', (cell: Cell) => string>>,
): ReadonlyMap<string, ReadonlyMap<string, Summary>> {
  const groups = new Map<string, Map<string, Cell[]>>();
  for (const cell of cells) {
    if (cell.layer !== layer) continue;
    const columns = groups.get(row(cell)) ?? new Map<string, Cell[]>();
    groups.set(row(cell), columns);
    const group = columns.get(column(cell));
    if (group === undefined) columns.set(column(cell), [cell]);
    else group.push(cell);
  }
  return new Map(
    [...groups].map(([key, columns]) => [
      key,
      new Map([...columns].map(([name, group]) => [name, summaryOf(group, named)])),
    ]),
  );
}

function summaryOf(group: readonly Cell[], named: (cell: Cell) => string): Summary {
  const through = group.filter(isThrough);
  const passed = new Set(through.filter(({ actual }) => actual !== 'refused').map(named));
  return {
    tried: group.length,
    passed: [...passed],
    word: through.length === 0 ? 'none' : through.length === group.length ? 'all' : 'some',
    mismatches: group.filter(({ held }) => !held).length,
    disagreements: group.filter(({ agrees }) => !agrees).length,
  };
}

/** Whether a probe got where it went: of a port, to the host, whoever listens there. */
export function isThrough({ layer, actual, expected, held }: Cell): boolean {
  switch (actual) {
    case 'open':
    case 'accepted':
    case 'allowed':
    case 'reached':
      return true;
    case 'refused':
      // Refused where nothing was to pass, as it should: by the firewall.
      return layer === 'l3-l4' && !(held && expected === 'dropped');
    default:
      return false;
  }
}

/** A cell in words, without what came of it. */
export function cellName({ from, role, device, probe, ipVersion }: Cell): string {
  const as = role === undefined ? '' : ` as ${role}`;
  return `${from} → ${device} ${probe}${as} (${ipVersion === 'ipv4' ? 'IPv4' : 'IPv6'})`;
}
