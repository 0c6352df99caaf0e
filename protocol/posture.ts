import { z } from 'zod';
import { CONTROL_IDS, CONTROLS, type ControlId } from './controls.ts';
import { DEFAULT_LIMITS, type Limits, limitsSchema } from './limits.ts';

/** A posture as its file has it: the controls that are on; every other one is off, and off means absent. */
export const postureSchema = z.strictObject({
  $schema: z.string().optional(),
  id: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
  title: z.string().min(1),
  description: z.string().min(1),
  controls: z.union([z.literal('all'), z.array(z.enum(CONTROL_IDS as [ControlId, ...ControlId[]]))]),
  /** Settings of `rate-limit` and `session-quota` that differ from the defaults. */
  limits: limitsSchema.partial().optional(),
});
export type PostureFile = z.infer<typeof postureSchema>;

/** A set of controls. Essential performance is in every posture, whatever its file says. */
export interface Posture {
  readonly id: string;
  readonly title: string;
  readonly controls: ReadonlySet<ControlId>;
  /** Settings of `rate-limit` and `session-quota`; absent: the defaults. */
  readonly limits?: Limits;
}

export function postureOf(file: PostureFile): Posture {
  const named = file.controls === 'all' ? CONTROL_IDS : file.controls;
  const essential = CONTROL_IDS.filter((id) => CONTROLS[id].essential);
  return {
    id: file.id,
    title: file.title,
    controls: new Set([...named, ...essential]),
    ...(file.limits && { limits: limitsSchema.parse({ ...DEFAULT_LIMITS, ...file.limits }) }),
  };
}
