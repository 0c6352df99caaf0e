import { z } from 'zod';
import { LIBRARY_BANNER } from '../drug-library/index.ts';
import { versionSchema } from '../firmware/version.ts';
import { signatureSchema, timeSchema } from '../messages/envelope.ts';

// Said by patterns, so that a broker can check it: nothing but loopback is ever contacted here.
const loopback = z
  .string()
  .regex(/^(?:localhost|::1|127(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3})$/, 'not a loopback address');

const settings = z.strictObject({
  timeServer: loopback,
  networkProfile: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/),
  brokerAddress: z.strictObject({ host: loopback, port: z.int().min(1).max(65_535) }),
  /** What every channel is set to from then on, and for each new patient; absent: the preset of its model. */
  alarms: z.strictObject({
    occlusionLimitMmHg: z.number().positive().optional(),
    airLimitMicroL: z.number().positive().optional(),
    keepVeinOpenMlPerH: z.number().positive().optional(),
    autoRestarts: z.int().nonnegative().optional(),
  }),
});

const content = {
  configuration: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/),
  configurationVersion: versionSchema,
  banner: z.literal(LIBRARY_BANNER),
  careArea: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
  models: z
    .array(z.string().regex(/^[a-z][a-z0-9-]{0,31}$/))
    .min(1)
    .max(32),
  settings,
};

/** Counts up with each release for a care area; a pump never goes back. */
const sequence = z.int().positive();

/** A device configuration as its file has it. */
export const configurationFileSchema = z.strictObject({
  $schema: z.string().optional(),
  sequence,
  ...content,
});

/** How the pumps of a care area are set up. Two different people of biomedical engineering or security sign it. */
export const deviceConfiguration = z.strictObject({
  document: z.literal('device-configuration'),
  version: z.literal(1),
  sequence,
  notAfter: timeSchema,
  ...content,
  signatures: z.array(signatureSchema).max(8).optional(),
});

export type ConfigurationFile = z.infer<typeof configurationFileSchema>;
export type DeviceConfiguration = z.infer<typeof deviceConfiguration>;
export type ConfiguredSettings = DeviceConfiguration['settings'];
