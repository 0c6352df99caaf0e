import Table from 'cli-table3';
import type pico from 'picocolors';
import { CONTROL_IDS, CONTROLS } from '../../protocol/index.ts';
import {
  cellCommand,
  type Effect,
  isUnreal,
  listed,
  type MatrixAttack,
  type MatrixOutcome,
  withoutOnlyLayer,
} from '../../scenarios/index.ts';
import { BARE } from './bare-table.ts';

type Colors = ReturnType<typeof pico.createColors>;

/** One letter an effect; what it stands for is printed below the table. */
const LETTERS = { stops: 'S', limits: 'L', contains: 'C', detects: 'd', none: '·' } as const satisfies Record<
  Effect,
  string
>;

/** A matrix for a terminal: one line an attack, then what has to be looked at. */
export function matrixText(
  { report, runs: cells, wronglyInferred, stale }: MatrixOutcome,
  colors: Colors,
): string {
  const { attacks, care, runs, wallMs, idleControls, unreviewedResiduals } = report;
  const table = new Table({
    chars: BARE,
    head: ['attack', 'bare', 'all', 'alone', 'layers alone', 'lost domain that lets it through'],
    style: { head: [], border: [] },
  });
  for (const attack of attacks) {
    table.push([
      nameOf(attack),
      bareText(attack, colors),
      attack.boundedByAll ? 'bounded' : colors.red('succeeds'),
      standing(attack),
      attack.mendedByFirmware ? 'firmware' : attack.layers.length,
      attack.residual.length === 0 ? '-' : colors.yellow(attack.residual.join(', ')),
    ]);
  }
  const broken = care.filter(({ brokenBy, brokenByAll }) => brokenByAll || brokenBy.length > 0);
  const single = attacks.flatMap((attack) => {
    const only = withoutOnlyLayer(attack);
    return only === undefined ? [] : [`${nameOf(attack)}: ${only.layer}; ${only.left}`];
  });
  const none = attacks.flatMap((attack) =>
    attack.layers.length > 0 || attack.mendedByFirmware
      ? []
      : [`${nameOf(attack)}: all together, ${attack.all}`],
  );
  return [
    ...(attacks.length === 0 ? [] : [table.toString(), '', legend()]),
    ...list(
      'Unreviewed residuals, and what shows each again',
      unreviewedResiduals.map(({ attack, firmware, domain }) =>
        cellCommand(attack, firmware, { cell: 'lost', domain }, report.posture),
      ),
      colors.red,
    ),
    ...list(
      'Residuals that are none any more',
      stale.map(({ attack, domains }) => `${attack}: ${String(domains)}`),
      colors.yellow,
    ),
    ...list(
      'Bounds that let all pass: the bare floor gives no more than they allow',
      cells
        .filter(({ cell }) => cell.cell === 'bare')
        .flatMap(({ scenario, result }) =>
          (result.attack?.looseBounds ?? []).map((figure) => `${scenario}: ${figure}`),
        ),
      colors.yellow,
    ),
    ...list('Inferred cells that came out otherwise', wronglyInferred, colors.red),
    ...list(
      'Cells in which a step of the adversary broke down by itself, so that they show nothing',
      attacks.flatMap((attack) => attack.unscored.map((cell) => `${nameOf(attack)}, ${cell}`)),
      colors.red,
    ),
    ...list('No layer stands alone; several controls hold it together, or nothing', none, colors.yellow),
    ...list('Only one layer stands alone', single, colors.yellow),
    ...list(
      `Controls that decide nothing here, ${idleControls.length}`,
      attacks.length === 0 || idleControls.length === 0 ? [] : [listed(idleControls)],
      colors.dim,
    ),
    ...list(
      'Care that a control breaks',
      broken.map(
        ({ id, brokenBy, brokenByAll }) =>
          `${id}: ${[...brokenBy, ...(brokenByAll ? ['all together'] : [])].join(', ')}`,
      ),
      colors.red,
    ),
    '',
    `${attacks.length} attacks, ${care.length} care scenarios, ${runs} runs in ${(wallMs / 1_000).toFixed(1)} s (${Math.round(wallMs / Math.max(1, runs))} ms a run over all processes)`,
  ].join('\n');
}

function bareText(attack: MatrixAttack, colors: Colors): string {
  if (attack.mendedByFirmware) return 'mended';
  if (!isUnreal(attack)) return 'succeeds';
  return colors.red(attack.succeedsBare ? 'BOUNDED' : 'FAILS');
}

function nameOf({ id, firmware }: MatrixAttack): string {
  return firmware === null ? id : `${id} (${firmware})`;
}

/** Which controls stand alone, by what they do. */
function standing({ alone }: MatrixAttack): string {
  const effects = CONTROL_IDS.flatMap((id) => {
    const effect = alone[id] ?? 'none';
    return effect === 'none' || effect === 'detects' || CONTROLS[id].essential ? [] : [[id, effect] as const];
  });
  return effects.length === 0 ? '-' : effects.map(([id, effect]) => `${id} ${LETTERS[effect]}`).join('\n');
}

function legend(): string {
  return `${Object.entries(LETTERS)
    .map(([effect, letter]) => `${letter} ${effect}`)
    .join(
      '  ',
    )}  of ${Object.keys(CONTROLS).length} controls; layers alone: failure domains that stop, limit or contain it by themselves`;
}

function list(title: string, lines: readonly string[], color: (text: string) => string): string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  ${color(line)}`)];
}
