import type { AttackGround, StepResult } from '../../engine/port.ts';
import type { ActionOf } from '../../format/actions.ts';
import { durationMs } from '../../format/duration.ts';
import type { Loot } from '../loot.ts';
import { loosenedLibrary } from './forgeries.ts';

/** Reads what it can; a step that gets nothing was refused. */
export function extractStorage(
  { pump, stored, keepAs }: ActionOf<'extract-storage'>,
  ground: AttackGround,
  loot: Loot,
): StepResult {
  const hands = ground.inHands(pump);
  const got = stored.filter((kind) => {
    const content = hands.read(kind);
    if (content !== undefined) {
      loot.take(pump, kind, content, { atMs: ground.clock.now(), name: keepAs });
    }
    return content !== undefined;
  });
  return got.length > 0
    ? { outcome: 'succeeded', detail: `it has ${got.join(', ')}` }
    : { outcome: 'refused', detail: 'nothing can be read' };
}

export function alterStorage({ pump, change }: ActionOf<'alter-storage'>, ground: AttackGround): StepResult {
  const hands = ground.inHands(pump);
  const done = (): boolean => {
    if (change.kind !== 'loosen-library') {
      return hands.alterLog(change.kind === 'wipe-log' ? 'wipe' : 'strike-out');
    }
    const library = hands.read('library');
    const loosened = library && loosenedLibrary(library, change.drug, change.version);
    return loosened !== undefined && loosened !== '' && hands.alterLibrary(loosened);
  };
  return done()
    ? { outcome: 'succeeded', detail: 'it is altered' }
    : { outcome: 'refused', detail: 'it cannot be altered' };
}

const DIGITS = 4;

/** Tries what fits what was seen, in ascending order, one code at a time. */
export function guessKeypad(
  { pump, seen, every, tries }: ActionOf<'guess-keypad'>,
  { clock, inHands }: AttackGround,
): Promise<StepResult> {
  const hands = inHands(pump);
  const prefix = hands.glimpse(seen);
  const open = DIGITS - prefix.length;
  const most = Math.min(tries, 10 ** open);
  return new Promise((resolve) => {
    const attempt = (index: number): void => {
      if (index >= most) return resolve({ outcome: 'refused', detail: `no code fitted in ${most} tries` });
      const result = hands.unlock(`${prefix}${String(index).padStart(open, '0')}`);
      if (result.outcome === 'succeeded') {
        return resolve({ outcome: 'succeeded', detail: `the keypad is unlocked after ${index + 1} tries` });
      }
      // A keypad that is locked out listens to nothing: it is the same code that is tried again.
      clock.after(durationMs(every), () => attempt(result.outcome === 'skipped' ? index : index + 1));
    };
    attempt(0);
  });
}
