import type { ZonePolicy } from '../network/index.ts';
import { type Cell, selectPosture } from '../scenarios/index.ts';
import { cellRunner } from './cell-runner.ts';
import type { Exercise } from './exercise.ts';

/** What the catalogue comes to on a network. */
export interface Rehearsed {
  /** Attacks that succeed where segmentation alone stands in their way, by id. */
  readonly attacks: ReadonlyMap<string, boolean>;
  /** Care scenarios in which all holds that should, with every control on, by id. */
  readonly care: ReadonlyMap<string, boolean>;
}

const SEGMENTATION_ALONE: Cell = { cell: 'alone', control: 'zone-segmentation' };

/**
 * Carries out the attacks and the care scenarios of the catalogue, in lockstep, on a floor whose network is another one.
 *
 * @param policy with the zones that scenarios name
 * @throws PumprangeError what a run throws, with the scenario
 */
export async function rehearseOn(
  exercise: Exercise,
  policy: ZonePolicy,
  progress: (done: number, of: number) => void = () => undefined,
): Promise<Rehearsed> {
  const { data } = exercise;
  const chosen = exercise.scenarios.filter(({ family }) => family === 'attack' || family === 'care');
  const carryOut = cellRunner({
    exercise: { ...exercise, data: { ...data, zones: { ...data.zones, segmented: policy } } },
    scenarios: chosen,
    base: selectPosture(exercise.postures, 'layered'),
  });
  const attacks = new Map<string, boolean>();
  const care = new Map<string, boolean>();
  for (const [index, { id, attack }] of chosen.entries()) {
    if (attack === undefined) {
      const { result } = await carryOut({ scenario: id, firmware: null, cell: { cell: 'all' } });
      care.set(id, result.verdict === 'pass');
    } else {
      const [firmware = null] = attack.firmware ?? [];
      const { result } = await carryOut({ scenario: id, firmware, cell: SEGMENTATION_ALONE });
      attacks.set(id, result.attack?.succeeded === true);
    }
    progress(index + 1, chosen.length);
  }
  return { attacks, care };
}
