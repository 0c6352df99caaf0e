import type { BedsideAction } from './bedside.ts';
import { type ChannelContext, type PumpContext, withChannel } from './context.ts';
import { type EventOf, textOf } from './events.ts';
import type { Outcome } from './step.ts';

/** Where the pump waits for the next key, and alerts and then clears when none comes [GIP: after 5 and 10 min]. */
function waits({ mode }: ChannelContext): boolean {
  return mode === 'programming' || mode === 'ready';
}

/**
 * Whether a press tells a pump that waits that somebody is there, even if the key is then refused. The patient's button hangs
 * beside the bed and tells nothing of the keypad; a controller that hangs notices no key.
 */
export function tellsPresence(context: PumpContext, press: BedsideAction): boolean {
  const key = textOf(press, 'action');
  if (key === null || key === 'pca-demand' || context.device.hungSinceMs !== null) return false;
  return Object.values(context.channels).some(waits);
}

/** Every entry that waits has its time anew: who presses for one channel stands before both. */
export function touched(context: PumpContext, event: EventOf<'keypad.touched'>): Outcome {
  let fresh = context;
  for (const channel of Object.values(context.channels))
    if (waits(channel)) fresh = withChannel(fresh, channel.id, { waitingSinceMs: event.atMs });
  return { context: fresh };
}
