import Table from 'cli-table3';
import type pico from 'picocolors';
import {
  type Cell,
  cellName,
  matrixOf,
  type Summary,
  TABLE_LAYERS,
  type TruthTable,
} from '../../testbed/index.ts';
import { BARE } from './bare-table.ts';

type Colors = ReturnType<typeof pico.createColors>;

/** Mismatches beyond these are in the files. */
const MOST_LINES = 40;
/** Of cells for one cause. */
const MOST_EXAMPLES = 3;
const MARK = '!';

/** A truth table for a terminal: who reaches what, layer by layer in short, and each mismatch with who is to blame. */
export function checkText(table: TruthTable, colors: Colors): string {
  const zones = [...new Set(table.cells.map(({ fromZone }) => fromZone))];
  return [
    reachTable(table, zones, colors),
    `Columns: ${zones.map((zone, index) => `${index + 1} ${zone}`).join(', ')}. all: nothing is in between; some: what conduits name; ·: nothing.`,
    '',
    rolesTable(table, zones, colors),
    '',
    layersTable(table),
    ...mismatches(table, colors),
    ...disagreements(table, colors),
    '',
    timing(table),
    table.mismatches === 0
      ? colors.green(`${table.cells.length} cells hold: plan "${table.plan}", ruleset ${table.ruleset}`)
      : colors.red(`${table.mismatches} of ${table.cells.length} cells do not hold`),
  ].join('\n');
}

function reachTable({ cells }: TruthTable, zones: readonly string[], colors: Colors): string {
  const matrix = matrixOf(cells, 'l3-l4', {
    row: ({ to }) => to,
    column: ({ fromZone }) => fromZone,
    named: ({ probe, service }) => service ?? probe,
  });
  const table = bare(['from zone', ...zones.map((_, index) => String(index + 1))]);
  for (const [asset, columns] of matrix) {
    table.push([asset, ...zones.map((zone) => reachWord(columns.get(zone), colors))]);
  }
  return table.toString();
}

function reachWord(summary: Summary | undefined, colors: Colors): string {
  if (summary === undefined) return '';
  const { word, mismatches } = summary;
  const short = word === 'none' ? '·' : word;
  return mismatches === 0 ? short : colors.red(`${short}${MARK}${mismatches}`);
}

function rolesTable({ cells }: TruthTable, zones: readonly string[], colors: Colors): string {
  const by = { row: ({ role = '' }: Cell) => role, column: ({ fromZone }: Cell) => fromZone };
  const named = ({ probe, service = '' }: Cell): string => `${service} ${probe}`;
  const tls = matrixOf(cells, 'tls', { ...by, named });
  const mqtt = matrixOf(cells, 'mqtt', { ...by, named });
  const table = bare(['role: TLS, MQTT', ...zones.map((_, index) => String(index + 1))]);
  for (const role of new Set([...tls.keys(), ...mqtt.keys()])) {
    const word = (zone: string): string => {
      const both = [tls, mqtt].map((matrix) => matrix.get(role)?.get(zone));
      const wrong = both.reduce((sum, one) => sum + (one?.mismatches ?? 0), 0);
      const text = both.map((one) => (one === undefined ? '-' : String(one.passed.length))).join(' ');
      return wrong === 0
        ? text === '0 0' || text === '0 -'
          ? '·'
          : text
        : colors.red(`${text}${MARK}${wrong}`);
    };
    table.push([role, ...zones.map(word)]);
  }
  return table.length === 0 ? 'No server that speaks TLS or MQTT runs.' : table.toString();
}

function layersTable({ cells }: TruthTable): string {
  const table = bare(['layer', 'cells', 'got through', 'mismatches', 'other than worked out']);
  for (const layer of TABLE_LAYERS) {
    const all = 'all';
    const one = matrixOf(cells, layer, { row: () => all, column: () => all, named: cellName })
      .get(all)
      ?.get(all);
    table.push([
      layer,
      one?.tried ?? 0,
      one?.passed.length ?? 0,
      one?.mismatches ?? 0,
      one?.disagreements ?? 0,
    ]);
  }
  return table.toString();
}

function mismatches({ cells }: TruthTable, colors: Colors): readonly string[] {
  const wrong = cells.filter(({ held }) => !held);
  if (wrong.length === 0) return [];
  const causes = new Map<string, Cell[]>();
  for (const cell of wrong) {
    const why = cell.why ?? cell.by;
    causes.set(why, [...(causes.get(why) ?? []), cell]);
  }
  const most = [...causes].sort(([, one], [, other]) => other.length - one.length);
  return [
    '',
    colors.red('Other than the plan has it:'),
    ...most.slice(0, MOST_LINES).flatMap(([why, of]) => [
      `  ${why}`,
      ...of.slice(0, MOST_EXAMPLES).map((cell) => {
        const { expected, actual } = cell;
        return colors.dim(
          `    ${cellName(cell)}: expected ${expected}, was ${actual}, the ruleset says ${cell.static}`,
        );
      }),
      ...(of.length > MOST_EXAMPLES ? [colors.dim(`    and ${of.length - MOST_EXAMPLES} more`)] : []),
    ]),
    ...(most.length > MOST_LINES ? [`  and ${most.length - MOST_LINES} other causes`] : []),
    '  --json, --junit and --html have every cell',
  ];
}

function disagreements({ cells }: TruthTable, colors: Colors): readonly string[] {
  const other = cells.filter(({ held, agrees }) => held && !agrees);
  if (other.length === 0) return [];
  return [
    '',
    colors.yellow('As the plan has it, but not as the ruleset was worked out:'),
    ...other
      .slice(0, MOST_LINES)
      .map((cell) => `  ${cellName(cell)}: was ${cell.actual}, the ruleset says ${cell.static}; ${cell.by}`),
    ...rest(other.length),
  ];
}

function rest(count: number): readonly string[] {
  return count > MOST_LINES
    ? [`  and ${count - MOST_LINES} more; --json, --junit and --html have them all`]
    : [];
}

function timing(table: TruthTable): string {
  const { probes, secondLooks, wallMs, labUpMs, labDownMs, msPerThousandProbes, msPerThousandConnects } =
    table;
  const again = secondLooks === 0 ? '' : `, ${secondLooks} of them twice`;
  const lab =
    labUpMs === null || labDownMs === null
      ? ''
      : `; lab up in ${seconds(labUpMs)} s and down in ${seconds(labDownMs)} s`;
  return `${probes} probes${again} in ${seconds(wallMs)} s${lab}\n${msPerThousandProbes} ms per thousand probes, beside ${msPerThousandConnects} ms for a thousand bare connect() calls on loopback`;
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}

function bare(head: string[]): InstanceType<typeof Table> {
  return new Table({ chars: BARE, head, style: { head: [], border: [] } });
}
