import {
  CONTROL_IDS,
  CONTROLS,
  type ControlId,
  LAYERS,
  type Layer,
  type Posture,
} from '../../protocol/index.ts';
import type { Attack, FirmwareState } from '../format/attack.ts';
import type { Scenario } from '../format/scenario.ts';
import type { Effect, MatrixAttack, MatrixReport } from '../report/matrix-report.ts';
import type { AttackResult } from '../report/run-report.ts';
import type { CellRun } from './cell-run.ts';
import { type Cell, cellName, isEssential, isPresupposed, withWhatItNeeds } from './cells.ts';
import { effectAlone, effectOf, isAcceptable, strongest } from './effect.ts';
import { type Found, isReviewed, type Residual } from './residuals.ts';

/** One attack on one firmware: a line of the matrix. */
export interface Row {
  readonly scenario: Scenario;
  readonly firmware: FirmwareState | null;
}

/** The lines of an attack: one for each firmware that it depends on. */
export function rowsOf(scenario: Scenario): readonly Row[] {
  const states = scenario.attack?.firmware ?? [null];
  return states.map((firmware) => ({ scenario, firmware }));
}

/** Whether the newest firmware itself stops an attack, whatever else is on. */
export function isMended({ scenario, firmware }: Row, bare: AttackResult | undefined): boolean {
  const isCompared = scenario.attack?.firmware?.includes('vulnerable') === true;
  return firmware === 'patched' && isCompared && bare?.succeeded === false;
}

/** What the runs of one line say. Cells that were not run are absent. */
export function tallyAttack(
  { scenario, firmware }: Row,
  base: Posture,
  runs: readonly CellRun[],
): MatrixAttack {
  const attackOf = (cell: Cell): AttackResult | undefined =>
    runs.find((run) => cellName(run.cell) === cellName(cell))?.result.attack;
  const bare = attackOf({ cell: 'bare' });
  const all = attackOf({ cell: 'all' });
  if (bare === undefined || all === undefined)
    throw new Error(`${scenario.id} was not run bare and with all`);
  const controls = CONTROL_IDS.filter((id) => base.controls.has(id));
  const scored = (cell: Cell): AttackResult | undefined => {
    const run = attackOf(cell);
    return run?.brokenSteps.length === 0 ? run : undefined;
  };
  const effectIn = (cell: Cell): Effect | undefined => {
    const run = scored(cell);
    return run && effectOf(run, bare);
  };
  const alone = record(controls, (control) =>
    effectAlone(control, (id) => scored({ cell: 'alone', control: id }), bare),
  );
  const domainLost = record(LAYERS, (domain) => effectIn({ cell: 'lost', domain }));
  // Essential performance stands on the bare floor, too, where the attack succeeds.
  const standing = controls
    .filter(
      (id) => !isEssential(id) && isAcceptable(alone[id] ?? 'none') && standsByItself(id, scenario.attack),
    )
    .map((id) => CONTROLS[id].layer);
  const residual = LAYERS.filter((domain) => {
    const effect = domainLost[domain];
    return effect !== undefined && !isAcceptable(effect);
  });
  return {
    id: scenario.id,
    firmware,
    title: scenario.title,
    presupposes: [...(scenario.attack?.presupposes ?? [])],
    succeedsBare: bare.succeeded,
    mendedByFirmware: isMended({ scenario, firmware }, bare),
    boundedBare: bare.bounded,
    all: effectOf(all, bare),
    boundedByAll: all.bounded,
    alone,
    removed: record(controls, (control) => effectIn({ cell: 'removed', control })),
    inferred: runs.flatMap(({ cell, inferred }) =>
      cell.cell === 'removed' && inferred ? [cell.control] : [],
    ),
    domainLost,
    layers: LAYERS.filter((layer) => standing.includes(layer)),
    residual,
    residualHarm: record(residual, (domain) => attackOf({ cell: 'lost', domain })?.harm),
    unscored: runs.flatMap(({ cell, result }) =>
      result.attack?.brokenSteps.length === 0 ? [] : [cellName(cell)],
    ),
  };
}

/** Whether all that a control needs fails with it and with nothing else: what needs another domain falls with that one, too. */
function standsByItself(control: ControlId, attack: Attack | undefined): boolean {
  return withWhatItNeeds(control).every(
    (id) =>
      CONTROLS[id].layer === CONTROLS[control].layer || (attack !== undefined && isPresupposed(id, attack)),
  );
}

/** What the runs of a care scenario say. */
export function tallyCare(scenario: Scenario, runs: readonly CellRun[]): MatrixReport['care'][number] {
  const broken = (run: CellRun): boolean => run.result.verdict === 'fail';
  return {
    id: scenario.id,
    title: scenario.title,
    brokenBy: runs.flatMap((run) => (run.cell.cell === 'alone' && broken(run) ? [run.cell.control] : [])),
    brokenByAll: runs.some((run) => run.cell.cell === 'all' && broken(run)),
    // A notice of low level is none: a scenario that expects no false alert holds with it.
    falseAlerts: [...new Set(runs.filter(broken).flatMap(({ result }) => result.detectedBy))].sort(),
  };
}

/** The residuals of one line, with what each came to. */
export function foundIn({ id, firmware, residual, residualHarm }: MatrixAttack): readonly Found[] {
  return residual.flatMap((domain) => {
    const harm = residualHarm[domain];
    return harm === undefined ? [] : { attack: id, firmware, domain, harm };
  });
}

/** Residuals that nobody has looked at: one fails the command. */
export function unreviewed(
  attacks: readonly MatrixAttack[],
  residuals: readonly Residual[],
): MatrixReport['unreviewedResiduals'] {
  return attacks.flatMap((attack) =>
    foundIn(attack)
      .filter((found) => !isReviewed(residuals, found))
      .map(({ attack: id, firmware, domain }) => ({ attack: id, firmware, domain })),
  );
}

/** Controls that change nothing in any attack, alone or removed. */
export function idleControls(base: Posture, attacks: readonly MatrixAttack[]): ControlId[] {
  return CONTROL_IDS.filter(
    (id) =>
      base.controls.has(id) &&
      !attacks.some((attack) => (attack.alone[id] ?? 'none') !== 'none' || matters(attack, id)),
  );
}

/** Whether an attack comes to something else without this control, all others being there. */
function matters({ removed }: MatrixAttack, id: ControlId): boolean {
  const without = removed[id];
  return without !== undefined && without !== strongest(Object.values(removed));
}

function record<K extends ControlId | Layer, V>(
  keys: readonly K[],
  valueIn: (key: K) => V | undefined,
): Partial<Record<K, V>> {
  const found: Partial<Record<K, V>> = {};
  for (const key of keys) {
    const value = valueIn(key);
    if (value !== undefined) found[key] = value;
  }
  return found;
}
