import { z } from 'zod';
import { envelope, timeSchema } from './envelope.ts';

/**
 * What a pump says. Patient identifiers belong into `patient` and nowhere else; status, telemetry and event may carry them too, since
 * pumps without `phi-minimization` do. Every body names its channels, from the first version on.
 */

export const ALARM_PRIORITIES = ['low', 'medium', 'high'] as const;
export const THERAPY_STATES = [
  'off',
  'selfTest',
  'standby',
  'programming',
  'ready',
  'infusing',
  'keepVeinOpen',
  'paused',
  'stopped',
  'complete',
] as const;

/** Who the patient of a pump is. */
const patientIdentifiers = z.strictObject({
  encounter: z.string().min(1).max(64),
  patientName: z.string().min(1).max(64),
  recordNumber: z.string().min(1).max(64),
  bed: z.string().min(1).max(64),
});
export type PatientIdentifiers = z.infer<typeof patientIdentifiers>;
/** Where pumps put them that do not keep them apart. */
const patient = patientIdentifiers.optional();

const volumeMl = z.number().nonnegative();
/**
 * The oldest number of the log that the pump still has when it sends this. What is older and never came is lost: the pump was full, or
 * a server had told it that it was stored.
 */
const oldestSeq = z.int().nonnegative().optional();

const firmwareSlot = z.strictObject({
  state: z.enum(['empty', 'writing', 'staged', 'trial', 'confirmed', 'failed']),
  version: z.string().nullable(),
});

export const statusMessage = envelope(
  'status',
  z.strictObject({
    link: z.enum(['online', 'offline']),
    model: z.string(),
    hardwareRevision: z.string(),
    /** Unique device identifier in GS1 element strings; synthetic here. */
    udi: z.string(),
    careArea: z.string(),
    firmware: z.string(),
    /** The two slots that firmware is written to, and which of them starts. */
    firmwareSlots: z
      .strictObject({ active: z.enum(['A', 'B']), A: firmwareSlot, B: firmwareSlot })
      .optional(),
    /** Version of the library in use, and of one that waits for the next power-on with a new patient. */
    library: z.string().nullable(),
    libraryPending: z.string().nullable(),
    /** Version of the device configuration; `null`: that of the works. Absent: firmware that knows none. */
    configuration: z.string().nullable().optional(),
    /** What alarms now. The status is retained, so whoever comes later sees it. */
    activeAlarms: z.array(
      z.strictObject({
        alarm: z.string(),
        channel: z.string().nullable(),
        priority: z.enum(ALARM_PRIORITIES),
      }),
    ),
    capabilities: z.array(z.string()),
    /** Message type → versions that this pump understands. */
    schemaVersions: z.record(z.string(), z.array(z.int().positive())),
    patient,
  }),
);

export const channelTelemetry = z.strictObject({
  channel: z.string(),
  therapy: z.enum(THERAPY_STATES),
  drug: z.string().nullable(),
  rateMlPerH: z.number().nonnegative(),
  deliveredMl: volumeMl,
  volumeToBeInfusedMl: volumeMl,
  reservoirMl: volumeMl,
  pressureMmHg: z.number(),
});

export const telemetryMessage = envelope(
  'telemetry',
  z.strictObject({
    channels: z.array(channelTelemetry).min(1),
    power: z.enum(['mains', 'battery']),
    batteryPercent: z.number().min(0).max(100),
    patient,
  }),
);

export const alarmMessage = envelope(
  'alarm',
  z.strictObject({
    alarm: z.string(),
    channel: z.string().nullable(),
    priority: z.enum(ALARM_PRIORITIES),
    change: z.enum(['raised', 'silenced', 'escalated', 'cleared']),
    /** When it happened, which may be long before it could be sent. */
    happenedAt: timeSchema,
    oldestSeq,
  }),
);

export const eventMessage = envelope(
  'event',
  z.strictObject({
    event: z.string(),
    channel: z.string().nullable(),
    happenedAt: timeSchema,
    detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
    oldestSeq,
    patient,
  }),
);

export const ackMessage = envelope(
  'ack',
  z.strictObject({
    /** `from`, `bootId` and `seq` of the message that is answered. */
    answers: z.strictObject({ from: z.string(), bootId: z.string(), seq: z.int().nonnegative() }),
    outcome: z.enum(['accepted', 'refused']),
    /** Id of the control that refused, or `null`. */
    control: z.string().nullable(),
    reason: z.string(),
  }),
);

export const patientMessage = envelope('patient', patientIdentifiers);

export const artifactRequestMessage = envelope(
  'artifact-request',
  z.strictObject({ offset: z.int().nonnegative(), length: z.int().positive().max(262_144) }),
);

export type StatusMessage = z.infer<typeof statusMessage>;
export type TelemetryMessage = z.infer<typeof telemetryMessage>;
export type AlarmMessage = z.infer<typeof alarmMessage>;
export type EventMessage = z.infer<typeof eventMessage>;
export type AckMessage = z.infer<typeof ackMessage>;
export type PatientMessage = z.infer<typeof patientMessage>;
export type ArtifactRequestMessage = z.infer<typeof artifactRequestMessage>;
export type TherapyState = (typeof THERAPY_STATES)[number];
export type AlarmPriority = (typeof ALARM_PRIORITIES)[number];
