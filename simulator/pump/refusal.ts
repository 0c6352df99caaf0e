import type { ControlId } from '../../protocol/index.ts';
import { channelOf, type PumpContext } from './context.ts';
import type { EventOf, PumpEvent } from './events.ts';
import { eventFact, type Outcome } from './step.ts';

/** An event that somebody asked for: it is answered. */
type Asked = Extract<PumpEvent, { readonly type: `bedside.${string}` | `remote.${string}` }>;

/** What was asked, in the words of the bedside; who asked; for which channel. */
function parts(event: Asked | EventOf<'access.denied'>): {
  action: string;
  by: string;
  channel: string | null;
} {
  switch (event.type) {
    case 'access.denied':
      return { action: event.action, by: event.role, channel: event.channel };
    case 'remote.set-rate':
    case 'remote.pause':
      return { action: event.type, by: 'remote', channel: event.channel };
    default: {
      const { press } = event;
      return { action: press.action, by: event.role, channel: 'channel' in press ? press.channel : null };
    }
  }
}

/** Refuses what was asked: nothing changes, the log has the reason. */
export function refuse(
  event: Asked | EventOf<'access.denied'>,
  reason: string,
  control: ControlId | null = null,
): Outcome {
  const { action, by, channel } = parts(event);
  return { facts: [eventFact(event.atMs, 'action-refused', channel, { action, by, reason, control })] };
}

/** What no region took: a refusal if somebody asked for it, a line in the log in any case. */
export function notTaken(context: PumpContext, event: PumpEvent): Outcome {
  if (
    event.type === 'access.denied' ||
    event.type.startsWith('bedside.') ||
    event.type.startsWith('remote.')
  ) {
    // startsWith does not narrow the union.
    const asked = event as Asked;
    return refuse(asked, whyNot(context, parts(asked).channel));
  }
  const channel =
    'channel' in event
      ? event.channel
      : 'cause' in event && 'channel' in event.cause
        ? event.cause.channel
        : null;
  return { facts: [eventFact(event.atMs, 'event-not-taken', channel, { event: event.type })] };
}

function whyNot(context: PumpContext, channel: string | null): string {
  const { mode } = context.power;
  if (mode !== 'on') return `not possible while the pump is ${WORDS[mode]}`;
  if (channel === null) return 'not possible now';
  if (!Object.hasOwn(context.channels, channel)) return `there is no channel ${channel.slice(0, 16)}`;
  return `not possible in ${channelOf(context, channel).mode}`;
}

const WORDS = {
  off: 'off',
  selfTest: 'in its self-test',
  updating: 'being updated',
  failed: 'out of order',
} as const;
