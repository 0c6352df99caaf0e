import { z } from 'zod';

/** The schema of one action: its verb, what it does in words, and what it takes. */
export function verb<const Name extends string, Shape extends z.core.$ZodLooseShape>(
  name: Name,
  description: string,
  shape: Shape,
) {
  return z.strictObject({ do: z.literal(name).describe(description), ...shape }).describe(description);
}
