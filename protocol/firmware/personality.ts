import { z } from 'zod';
import { WEAKNESS_IDS } from './weaknesses.ts';

/** What a firmware version is like: data that names its weaknesses, so that patching changes what an attack achieves. */
export const personalitySchema = z.strictObject({
  model: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/),
  version: z.string().regex(/^\d+\.\d+\.\d+$/, 'not major.minor.patch'),
  /** Raised when a version mends something that must not come back; below the highest run is a downgrade. */
  securityEpoch: z.int().nonnegative(),
  weaknesses: z.array(z.enum(WEAKNESS_IDS)),
  /** A version that does not pass its own self-test is rolled back after the trial. */
  selfTest: z.enum(['passes', 'fails']),
});

export type FirmwarePersonality = Readonly<z.infer<typeof personalitySchema>>;
