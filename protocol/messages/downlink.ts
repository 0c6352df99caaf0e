import { z } from 'zod';
import { libraryCeiling } from '../releases/ceiling.ts';
import { deviceConfiguration } from '../releases/configuration.ts';
import { firmwareManifest, libraryManifest } from '../releases/manifests.ts';
import { envelope, timeSchema } from './envelope.ts';

/** What is said to pumps. */

const rateMlPerH = z.number().positive();
const digest = z.string().regex(/^[0-9a-f]{64}$/);

export const commandMessage = envelope(
  'command',
  z.discriminatedUnion('command', [
    /** Of the infusion that runs, or of what the next start or resume gives. It never starts anything. */
    z.strictObject({ command: z.literal('set-rate'), channel: z.string(), rateMlPerH }),
    z.strictObject({ command: z.literal('pause'), channel: z.string() }),
    /** Out of the volume of the infusion that runs, at the model's own rate. */
    z.strictObject({ command: z.literal('bolus'), channel: z.string(), volumeMl: z.number().positive() }),
    /** The downstream pressure at which an occlusion alarms. */
    z.strictObject({
      command: z.literal('set-alarm-limit'),
      channel: z.string(),
      occlusionLimitMmHg: z.number().positive(),
    }),
    z.strictObject({ command: z.literal('identify') }),
  ]),
);

export const orderMessage = envelope(
  'order',
  z.strictObject({
    orderId: z.string(),
    orderVersion: z.int().positive(),
    channel: z.string(),
    /** Opaque; who the patient is stands in the EHR, not here. */
    encounter: z.string(),
    drug: z.string(),
    rateMlPerH,
    volumeToBeInfusedMl: z.number().positive(),
  }),
);

/** Cumulative: the log of this pump is stored up to and including `upToSeq`, and the pump may forget it. */
export const receiptMessage = envelope('receipt', z.strictObject({ upToSeq: z.int().nonnegative() }));

/** The certificate that the pump has of this authority is to be replaced; one of another authority is not meant. */
export const renewalMessage = envelope(
  'renewal',
  z.strictObject({
    /** SHA-256 of the certificate of the authority. */
    authority: digest,
  }),
);

/** The server's word for what is current in a care area; what it is worth stands in the manifest. */
export const libraryReleaseMessage = envelope(
  'library-release',
  z.strictObject({ manifest: libraryManifest }),
);

/** The limits that stand above the libraries of a care area, as clinical engineering signed them. */
export const ceilingReleaseMessage = envelope('ceiling-release', z.strictObject({ ceiling: libraryCeiling }));

/** How the pumps of a care area are set up, as two people signed it. */
export const configurationReleaseMessage = envelope(
  'configuration-release',
  z.strictObject({ configuration: deviceConfiguration }),
);

export const firmwareReleaseMessage = envelope(
  'firmware-release',
  z.strictObject({
    manifest: firmwareManifest,
    /** Serials that may take it now; absent means all of this model. */
    wave: z.array(z.string()).optional(),
    /** When they may apply it, a maintenance window; absent means at any time. */
    window: z.strictObject({ from: timeSchema, until: timeSchema }).optional(),
  }),
);

export type CommandMessage = z.infer<typeof commandMessage>;
export type OrderMessage = z.infer<typeof orderMessage>;
export type ReceiptMessage = z.infer<typeof receiptMessage>;
export type LibraryReleaseMessage = z.infer<typeof libraryReleaseMessage>;
export type CeilingReleaseMessage = z.infer<typeof ceilingReleaseMessage>;
export type ConfigurationReleaseMessage = z.infer<typeof configurationReleaseMessage>;
export type FirmwareReleaseMessage = z.infer<typeof firmwareReleaseMessage>;
