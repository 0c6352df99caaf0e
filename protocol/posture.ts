import { z } from 'zod';
import { CONTROL_IDS, CONTROLS, type ControlId } from './controls.ts';
import { DEFAULT_LIMITS, type Limits, limitsSchema } from './limits.ts';

const outageSchema = z
  .enum(['fail-open', 'fail-closed'])
  .describe('fail-open: care goes on without knowing; fail-closed: nobody new comes in until it is known.');

const settingsSchema = z
  .strictObject({
    revocation: z
      .strictObject({
        source: z
          .enum(['live', 'crl', 'ocsp'])
          .default('live')
          .describe(
            'Where those who judge learn of revocations; live: in the process of the authority; crl, ocsp: over HTTP, ahead of time.',
          ),
        refreshS: z.int().min(1).max(86_400).default(300).describe('How often it is asked for anew, in s.'),
        freshForS: z
          .int()
          .min(1)
          .optional()
          .describe('Knowledge older than this, in s, counts no more; absent: as long as it says itself.'),
      })
      .prefault({}),
    onOutage: z
      .strictObject({
        'certificate-authority': outageSchema.default('fail-closed'),
        crl: outageSchema.default('fail-closed'),
        ocsp: outageSchema.default('fail-closed'),
        'time-server': outageSchema.default('fail-open'),
      })
      .prefault({})
      .describe('What those who judge certificates do while a service is away.'),
  })
  .prefault({})
  .describe('How controls are set; absent: as their defaults are.');
/** How the controls of a posture are set. */
export type PostureSettings = z.infer<typeof settingsSchema>;
/** A service whose outage a posture declares an answer to. */
export type StatusService = keyof PostureSettings['onOutage'];
export type OnOutage = PostureSettings['onOutage'][StatusService];
export const STATUS_SERVICES = [
  'certificate-authority',
  'crl',
  'ocsp',
  'time-server',
] as const satisfies readonly StatusService[];

/** The settings of a posture that names none. */
export const DEFAULT_SETTINGS: PostureSettings = settingsSchema.parse({});

/** A posture as its file has it: the controls that are on; every other one is off, and off means absent. */
export const postureSchema = z.strictObject({
  $schema: z.string().optional(),
  id: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
  title: z.string().min(1),
  description: z.string().min(1),
  controls: z.union([z.literal('all'), z.array(z.enum(CONTROL_IDS as [ControlId, ...ControlId[]]))]),
  /** Settings of `rate-limit` and `session-quota` that differ from the defaults. */
  limits: limitsSchema.partial().optional(),
  settings: settingsSchema,
});
export type PostureFile = z.infer<typeof postureSchema>;

/** A set of controls. Essential performance is in every posture, whatever its file says. */
export interface Posture {
  readonly id: string;
  readonly title: string;
  readonly controls: ReadonlySet<ControlId>;
  /** Settings of `rate-limit` and `session-quota`; absent: the defaults. */
  readonly limits?: Limits;
  readonly settings: PostureSettings;
}

export function postureOf(file: PostureFile): Posture {
  const named = file.controls === 'all' ? CONTROL_IDS : file.controls;
  const essential = CONTROL_IDS.filter((id) => CONTROLS[id].essential);
  return {
    id: file.id,
    title: file.title,
    controls: new Set([...named, ...essential]),
    ...(file.limits && { limits: limitsSchema.parse({ ...DEFAULT_LIMITS, ...file.limits }) }),
    settings: file.settings,
  };
}
