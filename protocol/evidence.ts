import { z } from 'zod';
import { CONTROL_IDS, type ControlId } from './controls.ts';

/**
 * One event of the one evidence stream. Broker, pumps, PKI, pump server and network write this and nothing else.
 * A time is milliseconds since the Unix epoch.
 */
export const evidenceEventSchema = z.strictObject({
  /** The component that saw it: `broker`, `pump:<serial>`, `pki`, `pump-server`, `scenario`. */
  source: z.string(),
  /** What happened, e.g. `session.opened`, `publish.denied`, `command.refused`; see docs/protocol.md. */
  event: z.string(),
  outcome: z.enum(['allowed', 'denied', 'observed']),
  /** The reporting device's own time, where it has one. */
  deviceTimeMs: z.number().nullable(),
  /** When the evidence log received it. */
  receiptTimeMs: z.number(),
  /** Milliseconds since the start of the rehearsal; `null` in a live ward. */
  simulatedMs: z.number().nullable(),
  zone: z.string().nullable(),
  /** Source address, without the port, which differs from run to run. */
  address: z.string().nullable(),
  session: z.string().nullable(),
  /** Who it is about, as an identity URN, as far as it is proved or (without mutual TLS) claimed. */
  subject: z.string().nullable(),
  certificateFingerprint: z.string().nullable(),
  /** The control that decided. */
  control: z.enum(CONTROL_IDS as [ControlId, ...ControlId[]]).nullable(),
  cause: z.string().nullable(),
  /** What it was done to: a topic, a filter, a release. */
  object: z.string().nullable(),
  /** white: the exercise's own; red: seen by the adversary; blue: what a blue team could see. */
  visibility: z.enum(['white', 'red', 'blue']),
});
export type EvidenceEvent = z.infer<typeof evidenceEventSchema>;

/** What a component fills in; the log adds the times, and absent means `null`. */
export type EvidenceEntry = Pick<EvidenceEvent, 'source' | 'event' | 'outcome' | 'visibility'> &
  Partial<Omit<EvidenceEvent, 'receiptTimeMs' | 'simulatedMs'>>;

/** Where components write evidence. It never throws: a failing log must not stop a therapy or a broker. */
export type EvidenceSink = (entry: EvidenceEntry) => void;
