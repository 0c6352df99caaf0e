import { z } from 'zod';
import { ALARM_PRIORITIES, THERAPY_STATES } from '../protocol/index.ts';
import { type ChannelReading, type Pump, showBack } from '../simulator/pump/index.ts';

const running = z.object({
  phase: z.enum(['loading', 'primary', 'secondary', 'bolus', 'pcaDose', 'keepVeinOpen']),
  /** `null` runs outside the library. */
  drug: z.string().nullable(),
  rateMlPerH: z.number(),
  dose: z.object({ value: z.number(), unit: z.string() }).nullable(),
  volumeToBeInfusedMl: z.number(),
  infusedMl: z.number(),
  /** `null`: it has no end. */
  leftMl: z.number().nullable(),
  leftMinutes: z.number().nullable(),
});

/**
 * What the display of a pump has to show: what the pump itself knows, by its own sensors and its own count. What really flows into
 * the patient is not in it.
 */
export const bedsideStateSchema = z.object({
  serial: z.string(),
  model: z.string(),
  careArea: z.string(),
  atMs: z.number(),
  on: z.boolean(),
  power: z.enum(['mains', 'battery']),
  batteryPercent: z.number(),
  access: z.string(),
  libraryInUse: z.boolean(),
  /** Version of the library, or `null`. */
  library: z.string().nullable(),
  libraryPending: z.string().nullable(),
  /** The pump's own line. */
  line: z.string(),
  alarms: z.array(
    z.object({
      alarm: z.string(),
      /** What the pump calls it. */
      text: z.string(),
      channel: z.string().nullable(),
      priority: z.enum(ALARM_PRIORITIES),
      silencedUntilMs: z.number().nullable(),
    }),
  ),
  channels: z.array(
    z.object({
      channel: z.string(),
      therapy: z.enum(THERAPY_STATES),
      /** The word of the machine, where it says more than `therapy`. */
      mode: z.string(),
      /** What runs, is resumed or waits for its start; `null` if nothing is programmed. */
      running: running.nullable(),
      /** A second bag that has not begun, or the first one while the second runs. */
      next: running.nullable(),
      /** Before its start, what a programme holds besides drug, rate and volume, a line each. */
      shownBack: z.array(z.string()),
      /** The same of the second bag. */
      nextShownBack: z.array(z.string()),
      pressureMmHg: z.number(),
      occlusionLimitMmHg: z.number(),
      airMicroL: z.number(),
    }),
  ),
});

export type BedsideState = Readonly<z.infer<typeof bedsideStateSchema>>;
export type BedsideChannel = BedsideState['channels'][number];

type Reading = ReturnType<Pump['reading']>;

/** What the display of a pump shows at an instant. */
export function bedsideState({
  serial,
  model,
  careArea,
  reading: shown,
}: {
  readonly serial: string;
  readonly model: string;
  readonly careArea: string;
  readonly reading: Reading;
}): BedsideState {
  return {
    serial,
    model,
    careArea,
    atMs: shown.atMs,
    on: shown.on,
    power: shown.power,
    batteryPercent: shown.batteryPercent,
    access: shown.access,
    libraryInUse: shown.libraryInUse,
    library: shown.library.inUse,
    libraryPending: shown.library.pending,
    line: shown.display,
    alarms: shown.alarms.map(({ alarm, text, channel, priority, silencedUntilMs }) => ({
      alarm,
      text,
      channel,
      priority,
      silencedUntilMs,
    })),
    channels: shown.channels.map(channelState),
  };
}

function channelState(reading: ChannelReading): BedsideChannel {
  const { therapy, programme, secondary, next } = reading;
  const isShownBack = therapy === 'programming' || therapy === 'ready';
  return {
    channel: reading.channel,
    therapy,
    mode: reading.mode,
    running: reading.running,
    next,
    shownBack: isShownBack && programme !== null ? [...showBack(programme)] : [],
    nextShownBack:
      next?.phase === 'secondary' && secondary !== null ? [...showBack(secondary.programme)] : [],
    pressureMmHg: reading.pressureMmHg,
    occlusionLimitMmHg: reading.occlusionLimitMmHg,
    airMicroL: reading.airMicroL,
  };
}
