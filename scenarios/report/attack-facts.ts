import { CONTROLS, type ControlId, type Layer } from '../../protocol/index.ts';
import type { Effect, MatrixAttack } from './matrix-report.ts';
import type { RehearsalReport, Rehearsed, RunDetail } from './rehearsal-report.ts';

/** One line of the matrix with the runs that stand for it. */
export interface AttackFacts {
  /** Unique, and fit to be an anchor of a page. */
  readonly key: string;
  readonly name: string;
  readonly attack: MatrixAttack;
  readonly rehearsed: Rehearsed | undefined;
  readonly bare: RunDetail | undefined;
  readonly all: RunDetail | undefined;
}

/** The lines of the matrix, in its order. */
export function attackFacts({ matrix, rehearsed }: RehearsalReport): readonly AttackFacts[] {
  return (matrix?.attacks ?? []).map((attack) => {
    const { id, firmware } = attack;
    const one = rehearsed.find((it) => it.id === id && it.firmware === firmware);
    const runIn = (cell: 'bare' | 'all'): RunDetail | undefined =>
      one?.runs.find((run) => run.cell.cell === cell);
    return {
      key: firmware === null ? id : `${id}--${firmware}`,
      name: firmware === null ? id : `${id}, ${firmware} firmware`,
      attack,
      rehearsed: one,
      bare: runIn('bare'),
      all: runIn('all'),
    };
  });
}

/** Whether what is left is bounded, or noticed and ended in time. */
export function isAcceptable(effect: Effect): boolean {
  return effect === 'stops' || effect === 'limits' || effect === 'contains';
}

/** The controls that change something by themselves, strongest first. */
export function aloneEffects({ alone }: MatrixAttack): readonly (readonly [ControlId, Effect])[] {
  const order: readonly Effect[] = ['stops', 'limits', 'contains', 'detects'];
  return entriesOf(alone)
    .filter(([control, effect]) => effect !== 'none' && !CONTROLS[control].essential)
    .sort(([, a], [, b]) => order.indexOf(a) - order.indexOf(b));
}

/** Essential performance without which the bare floor would see more harm. */
export function essentialOf({ alone }: MatrixAttack): readonly ControlId[] {
  return entriesOf(alone).flatMap(([control, effect]) =>
    effect !== 'none' && CONTROLS[control].essential ? [control] : [],
  );
}

/** The controls that cannot be spared: with all the attack is held, and without one of them alone no longer. */
export function indispensable(attack: MatrixAttack): readonly ControlId[] {
  if (!isAcceptable(attack.all)) return [];
  return entriesOf(attack.removed).flatMap(([control, effect]) => (isAcceptable(effect) ? [] : [control]));
}

/**
 * What is left where the only layer that stands alone is lost, off that very cell; `undefined` where more than one or none stands alone.
 * Others that do nothing by themselves may hold it together.
 */
export function withoutOnlyLayer({
  layers,
  domainLost,
}: MatrixAttack): { layer: Layer; left: string } | undefined {
  const [layer] = layers;
  if (layer === undefined || layers.length > 1) return undefined;
  const effect = domainLost[layer];
  const left =
    effect === undefined
      ? 'with it lost nothing was shown'
      : isAcceptable(effect)
        ? `with it lost the others ${TOGETHER[effect]} it together`
        : 'with it lost nothing holds it';
  return { layer, left };
}

const TOGETHER: Readonly<Record<Effect, string>> = {
  stops: 'stop',
  limits: 'limit',
  contains: 'contain',
  detects: 'notice',
  none: 'do nothing against',
};

export function entriesOf<K extends string>(
  cells: Readonly<Partial<Record<K, Effect>>>,
): readonly (readonly [K, Effect])[] {
  return Object.entries<Effect | undefined>(cells).flatMap(([key, effect]) =>
    effect === undefined || !isKeyOf(cells, key) ? [] : [[key, effect] as const],
  );
}

function isKeyOf<K extends string>(cells: Readonly<Partial<Record<K, Effect>>>, key: string): key is K {
  return Object.hasOwn(cells, key);
}

/** What it comes to without any control. */
export function unprotectedText({ succeedsBare, mendedByFirmware }: MatrixAttack): string {
  if (succeedsBare) return 'succeeds';
  return mendedByFirmware ? 'mended by the firmware' : 'does not work';
}

/** How many layers stand alone before it; `undefined` where the firmware itself stops it, whatever else is on: no other cell was run. */
export function depthOf({ layers, mendedByFirmware }: MatrixAttack): number | undefined {
  return mendedByFirmware ? undefined : layers.length;
}

export function layersText(layers: readonly Layer[]): string {
  return layers.length === 0 ? 'none' : layers.join(', ');
}
