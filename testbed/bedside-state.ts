import { z } from 'zod';
import { ALARM_PRIORITIES, THERAPY_STATES } from '../protocol/index.ts';
import type { Pump } from '../simulator/pump/index.ts';

const dose = z.object({ value: z.number(), unit: z.string() });

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
  /** An order from afar that waits for somebody to confirm it here. */
  waitsForConfirmation: z.boolean(),
  alarms: z.array(
    z.object({
      alarm: z.string(),
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
      drug: z.string().nullable(),
      /** Whether a programme is there at all: a drug that is `null` in one runs outside the library. */
      programmed: z.boolean(),
      rateMlPerH: z.number(),
      dose: dose.nullable(),
      infusedMl: z.number(),
      volumeToBeInfusedMl: z.number(),
      pressureMmHg: z.number(),
      occlusionLimitMmHg: z.number().nullable(),
      airMicroL: z.number().nullable(),
      secondary: z.object({ drug: z.string().nullable(), rateMlPerH: z.number() }).nullable(),
    }),
  ),
});

export type BedsideState = Readonly<z.infer<typeof bedsideStateSchema>>;
export type BedsideChannel = BedsideState['channels'][number];

type Reading = ReturnType<Pump['reading']>;
type ProgrammeShown = { readonly rateMlPerH: number; readonly drug: string | null } & {
  readonly dose: { readonly value: number; readonly unit: string } | null;
};
/** What a reading may say besides. */
type More = Partial<{
  readonly access: string;
  readonly libraryInUse: boolean;
  readonly standingOrder: unknown;
}>;
type MoreOfChannel = Partial<{
  readonly mode: string;
  readonly programme: ProgrammeShown | null;
  readonly motorRateMlPerH: number;
  readonly infusedMl: number;
  readonly secondary: { readonly programme: ProgrammeShown } | null;
  readonly occlusionLimitMmHg: number;
  readonly airMicroL: number;
}>;

/** What the display of a pump shows at an instant. */
export function bedsideState({
  serial,
  model,
  careArea,
  reading,
}: {
  readonly serial: string;
  readonly model: string;
  readonly careArea: string;
  readonly reading: Reading;
}): BedsideState {
  const shown: Reading & More = reading;
  return {
    serial,
    model,
    careArea,
    atMs: shown.atMs,
    on: shown.on,
    power: shown.power,
    batteryPercent: shown.batteryPercent,
    access: shown.access ?? 'unlocked',
    libraryInUse: shown.libraryInUse ?? shown.library.inUse !== null,
    library: shown.library.inUse,
    libraryPending: shown.library.pending,
    line: shown.display,
    waitsForConfirmation: shown.standingOrder !== undefined && shown.standingOrder !== null,
    alarms: shown.alarms.map(({ alarm, channel, priority, silencedUntilMs }) => ({
      alarm,
      channel,
      priority,
      silencedUntilMs,
    })),
    channels: shown.channels.map(channelState),
  };
}

function channelState(reading: Reading['channels'][number] & MoreOfChannel): BedsideChannel {
  const { programme, secondary } = reading;
  const drives = reading.therapy === 'infusing' || reading.therapy === 'keepVeinOpen';
  const rateMlPerH = drives ? reading.motorRateMlPerH : undefined;
  return {
    channel: reading.channel,
    therapy: reading.therapy,
    mode: reading.mode ?? reading.therapy,
    drug: reading.drug,
    programmed:
      programme === undefined ? reading.orderId !== null || reading.drug !== null : programme !== null,
    rateMlPerH: rateMlPerH ?? reading.programmedRateMlPerH,
    dose: programme?.dose ?? null,
    infusedMl: reading.infusedMl ?? reading.deliveredMl,
    volumeToBeInfusedMl: reading.volumeToBeInfusedMl,
    pressureMmHg: reading.pressureMmHg,
    occlusionLimitMmHg: reading.occlusionLimitMmHg ?? null,
    airMicroL: reading.airMicroL ?? null,
    secondary:
      secondary === undefined || secondary === null
        ? null
        : { drug: secondary.programme.drug, rateMlPerH: secondary.programme.rateMlPerH },
  };
}
