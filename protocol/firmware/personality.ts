import { z } from 'zod';
import { componentSchema, dependenciesSchema } from './dependencies.ts';
import { versionSchema } from './version.ts';
import { WEAKNESS_IDS } from './weaknesses.ts';

/** What a firmware version is like: data that names its weaknesses, so that patching changes what an attack achieves. */
export const personalitySchema = z.strictObject({
  model: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/),
  version: versionSchema,
  /** Raised when a version mends something that must not come back; below the highest run is a downgrade. */
  securityEpoch: z.int().nonnegative(),
  weaknesses: z.array(z.enum(WEAKNESS_IDS)),
  /**
   * A version that does not pass its own self-test in its trial is rolled back; of one that hangs in it the watchdog says so, since it no
   * longer can itself.
   */
  selfTest: z.enum(['passes', 'fails', 'hangs']),
  /** What it is made of; its bill of materials names the same. A pump that runs it provides these to what comes after. */
  components: z
    .array(componentSchema)
    .max(64)
    .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'a component is there twice'),
  /** What a pump must have before it may take this version. */
  dependencies: dependenciesSchema,
});

export type FirmwarePersonality = Readonly<z.infer<typeof personalitySchema>>;
