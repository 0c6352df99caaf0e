import type { Random } from '../../clock/index.ts';
import type { PumpModel } from '../models/index.ts';
import type { PhysicalEvent } from '../pump/index.ts';

const HOUR_MS = 3_600_000;

/** Mean times between what goes wrong while a channel delivers. Believable, and synthetic. */
export const MISHAP_EVERY_MS = {
  /** The patient lies on the line. */
  occlusion: 10 * HOUR_MS,
  /** A bubble, or a connection that draws air. */
  air: 40 * HOUR_MS,
  /** Somebody opens the door, or the syringe comes loose. */
  loosened: 60 * HOUR_MS,
  /** Something breaks: biomedical engineering comes. */
  broken: 400 * HOUR_MS,
};

/** Shares of the changes of a container after which the roller clamp above the pump stays closed, or the set sits badly. */
export const SUPPLY_FORGOTTEN = 0.04;
export const SET_MISLOADED = 0.01;
/** Share of the air that comes from a loose connection, not from a bubble. */
const LEAKS = 0.3;

/** Air that the detector may or may not mind. */
export function drawAir(channel: string, random: Random): PhysicalEvent {
  const leaks = random.next() < LEAKS;
  const microL = Math.round(random.between(40, 500));
  return leaks
    ? { event: 'air-leaking', channel, microLPerMl: Math.ceil(microL / 10) }
    : { event: 'air-entered', channel, volumeMicroL: microL };
}

/** What holds the set or the syringe comes loose. */
export function drawLoosened(model: PumpModel, channel: string, random: Random): PhysicalEvent {
  const event = random.pick(
    model.holds === 'door'
      ? (['door-opened'] as const)
      : (['barrel-unclamped', 'plunger-disengaged'] as const),
  );
  return { event, channel };
}

/** What breaks, of the channel or of the whole pump. */
export function drawBroken(model: PumpModel, channel: string, random: Random): PhysicalEvent {
  const sensors = model.holds === 'door' ? (['pressure', 'air', 'flow'] as const) : (['pressure'] as const);
  return random.pick<PhysicalEvent>([
    { event: 'sensor-failed', channel, sensor: random.pick(sensors) },
    { event: 'motor-slipping', channel, share: Math.round(random.between(0.3, 0.8) * 100) / 100 },
    ...(model.channels.length > 1 ? [{ event: 'channel-detached', channel } as const] : []),
    { event: 'key-stuck' },
    { event: 'controller-hung' },
    { event: 'temperature-changed', celsius: Math.round(random.between(56, 65)) },
    { event: 'battery-failed' },
  ]);
}

/** Whether whoever answers the alarm puts it right on the spot, or biomedical engineering has to come. */
export type Remedy =
  | { readonly by: 'nurse'; readonly hands: readonly PhysicalEvent[] }
  | { readonly by: 'biomed'; readonly hands: readonly PhysicalEvent[] };

const ROOM_CELSIUS = 23;

/** What hands do about the cause of an alarm; `undefined` for one whose cause hands do not mend. */
export function remedyOf(alarm: string, channel: string | null): Remedy | undefined {
  return channel === null ? remedyOfPump(alarm) : remedyOfChannel(alarm, channel);
}

function remedyOfChannel(alarm: string, channel: string): Remedy | undefined {
  switch (alarm) {
    case 'upstream-occlusion':
      return { by: 'nurse', hands: [{ event: 'supply-opened', channel }] };
    case 'air-in-line':
      return {
        by: 'nurse',
        // Tightened first: a connection that leaks would fill the line again.
        hands: [
          { event: 'air-leaking', channel, microLPerMl: 0 },
          { event: 'air-purged', channel },
        ],
      };
    case 'door-open':
      return { by: 'nurse', hands: [{ event: 'door-closed', channel }] };
    case 'syringe-not-held':
      return { by: 'nurse', hands: [{ event: 'barrel-clamped', channel }] };
    case 'plunger-disengaged':
      return { by: 'nurse', hands: [{ event: 'plunger-engaged', channel }] };
    case 'set-misloaded':
      return { by: 'nurse', hands: [{ event: 'set-loaded', channel }] };
    case 'channel-disconnected':
      return { by: 'nurse', hands: [{ event: 'channel-attached', channel }] };
    case 'flow-error':
      return { by: 'biomed', hands: [{ event: 'motor-slipping', channel, share: 1 }] };
    case 'sensor-failed':
      return {
        by: 'biomed',
        hands: (['pressure', 'air', 'flow'] as const).map((sensor) => ({
          event: 'sensor-repaired',
          channel,
          sensor,
        })),
      };
    default:
      return undefined;
  }
}

function remedyOfPump(alarm: string): Remedy | undefined {
  switch (alarm) {
    case 'key-stuck':
      return { by: 'nurse', hands: [{ event: 'key-released' }] };
    case 'overheated':
      // Under a blanket, or in the sun.
      return { by: 'nurse', hands: [{ event: 'temperature-changed', celsius: ROOM_CELSIUS }] };
    case 'watchdog':
      return { by: 'biomed', hands: [{ event: 'controller-recovered' }] };
    case 'battery-defective':
      return { by: 'biomed', hands: [{ event: 'battery-replaced' }] };
    default:
      return undefined;
  }
}
