import type { ControlId } from '../../protocol/index.ts';
import { channelOf, type PumpContext, type TherapyMode } from './context.ts';
import type { EventOf, PumpEvent } from './events.ts';
import { eventFact, type Outcome } from './step.ts';
import { whyNotTaken } from './why-not-taken.ts';

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
      return { action: event.action.slice(0, LONGEST_KIND), by: event.role, channel: channelNamed(event) };
    case 'remote.set-rate':
    case 'remote.pause':
    case 'remote.bolus':
    case 'remote.set-alarm-limit':
      return { action: event.type, by: 'remote', channel: channelNamed(event) };
    default: {
      const { press } = event;
      return { action: press.action, by: event.role, channel: channelNamed(press) };
    }
  }
}

/** What a log has room for: a name from outside may be of any length. */
const LONGEST_NAME = 16;
const LONGEST_KIND = 48;

/** The channel that something names; `null` for none, and for what is no name. */
function channelNamed(what: object): string | null {
  return 'channel' in what && typeof what.channel === 'string' ? what.channel.slice(0, LONGEST_NAME) : null;
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
    const { action, channel } = parts(asked);
    return refuse(asked, whyNot(context, action, channel));
  }
  const channel = channelNamed('cause' in event ? event.cause : event);
  const reason = 'cause' in event ? { reason: whyNotTaken(context, event.cause) } : {};
  const kind = event.type.slice(0, LONGEST_KIND);
  return { facts: [eventFact(event.atMs, 'event-not-taken', channel, { event: kind, ...reason })] };
}

function whyNot(context: PumpContext, action: string, channel: string | null): string {
  const { mode } = context.power;
  if (action === 'power-on' && (mode === 'on' || mode === 'failed')) return ON_ALREADY[mode];
  if (mode !== 'on') return `not possible while the pump is ${WORDS[mode]}`;
  if (channel === null) return 'not possible now';
  if (!Object.hasOwn(context.channels, channel)) return `there is no channel ${channel}`;
  return `not possible ${MODE_WORDS[channelOf(context, channel).mode]}`;
}

const ON_ALREADY = {
  on: 'the pump is on: switch it off first',
  failed: 'the pump is out of order: switch it off first',
} as const;

const WORDS = {
  off: 'off',
  selfTest: 'in its self-test',
  updating: 'being updated',
  failed: 'out of order',
} as const;

/** What a channel is doing, as a nurse would say it, with what would make room for the key. */
const MODE_WORDS: Readonly<Record<TherapyMode, string>> = {
  off: 'while the channel is off',
  standby: 'in standby: nothing is programmed',
  programming: 'before the programme is confirmed',
  ready: 'before the infusion is started',
  loading: 'while the loading dose runs',
  primary: 'while it infuses: pause or stop it first',
  secondary: 'while the second bag runs',
  bolus: 'while a bolus runs',
  pcaDose: 'while a dose runs',
  keepVeinOpen: 'while the vein is kept open: stop it first',
  paused: 'while it is paused: resume or stop it first',
  stopped: 'while an alarm has stopped it',
  complete: 'after the infusion is complete',
};
