import { z } from 'zod';
import { CONTROL_IDS, type ControlId, LAYERS, type Layer, PumprangeError } from '../../protocol/index.ts';
import { FIRMWARE_STATES } from '../format/attack.ts';
import { EFFECTS, type Effect, type MatrixAttack } from '../report/matrix-report.ts';
import { strongest } from './effect.ts';

const effect = z.enum(EFFECTS);
const control = z.enum(CONTROL_IDS as [ControlId, ...ControlId[]]);

const lineSchema = z.strictObject({
  attack: z.string(),
  firmware: z.enum(FIRMWARE_STATES).nullable(),
  /** Controls that do something alone; every other does nothing. */
  alone: z.partialRecord(control, effect),
  /** Controls without which it gets further than with all of them. */
  missed: z.partialRecord(control, effect),
  domainLost: z.partialRecord(z.enum(LAYERS), effect),
});

/** What a matrix came to, short enough to be read in a diff: the file `scenarios/matrix-baseline.json`. */
export const baselineSchema = z.strictObject({ version: z.literal(1), attacks: z.array(lineSchema) });
export type Baseline = z.infer<typeof baselineSchema>;
type Line = Baseline['attacks'][number];

export function baselineOf(attacks: readonly MatrixAttack[]): Baseline {
  return { version: 1, attacks: attacks.map(lineOf) };
}

function lineOf({ id, firmware, alone, removed, domainLost }: MatrixAttack): Line {
  const whole = strongest(Object.values(removed));
  return {
    attack: id,
    firmware,
    alone: only(alone, (found) => found !== 'none'),
    missed: only(removed, (found) => found !== whole),
    domainLost,
  };
}

function only<K extends string>(
  effects: Partial<Record<K, Effect>>,
  keep: (effect: Effect) => boolean,
): Partial<Record<K, Effect>> {
  const kept: Partial<Record<K, Effect>> = {};
  for (const key in effects) {
    const found = effects[key];
    if (found !== undefined && keep(found)) kept[key] = found;
  }
  return kept;
}

/** @throws PumprangeError `PR_BASELINE_INVALID` */
export function parseBaseline(text: string, file: string): Baseline {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw new PumprangeError('PR_BASELINE_INVALID', `${file} is not JSON`, { cause });
  }
  const result = baselineSchema.safeParse(data);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new PumprangeError(
    'PR_BASELINE_INVALID',
    `${file}: ${issue?.path.map(String).join('.')}: ${issue?.message}`,
  );
}

/** Where a matrix differs from what is on record, a line each; attacks that were not tried now are left out. */
export function differences(recorded: Baseline, attacks: readonly MatrixAttack[]): string[] {
  return baselineOf(attacks).attacks.flatMap((now) => {
    const name = `${now.attack}${now.firmware === null ? '' : ` (${now.firmware})`}`;
    const before = recorded.attacks.find(
      ({ attack, firmware }) => attack === now.attack && firmware === now.firmware,
    );
    if (before === undefined) return [`${name}: not on record`];
    return [
      ...changes(CONTROL_IDS, before.alone, now.alone).map((text) => `${name}, alone ${text}`),
      ...changes(CONTROL_IDS, before.missed, now.missed).map((text) => `${name}, without ${text}`),
      ...changes(LAYERS, before.domainLost, now.domainLost).map((text) => `${name}, lost ${text}`),
    ];
  });
}

function changes<K extends ControlId | Layer>(
  keys: readonly K[],
  before: Partial<Record<K, Effect>>,
  now: Partial<Record<K, Effect>>,
): string[] {
  return keys
    .filter((key) => before[key] !== now[key])
    .map((key) => `${key}: ${now[key] ?? 'as the others'} (on record: ${before[key] ?? 'as the others'})`);
}

/** Attacks that a control decides: it does something against them alone, or they get further without it. */
export function decidedBy(
  { attacks }: Baseline,
  id: ControlId,
): { readonly attack: string; readonly how: string }[] {
  const found = new Map<string, Set<string>>();
  for (const { attack, alone, missed } of attacks) {
    const how = [
      ...(alone[id] === undefined ? [] : [`${alone[id]} alone`]),
      ...(missed[id] === undefined ? [] : ['missed when removed']),
    ];
    if (how.length > 0) found.set(attack, new Set([...(found.get(attack) ?? []), ...how]));
  }
  return [...found].map(([attack, how]) => ({ attack, how: [...how].join(', ') }));
}
