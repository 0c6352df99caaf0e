import type { z } from 'zod';
import { InvalidParamsError } from './control-port.ts';

/** The parameters of a control method as its schema has them. @throws InvalidParamsError with the place */
export function readParams<S extends z.ZodType>(schema: S, params: unknown): z.output<S> {
  const parsed = schema.safeParse(params);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const place = issue?.path.map(String).join('.').slice(0, 64);
  throw new InvalidParamsError(`${place === '' ? 'params' : place}: ${issue?.message.slice(0, 160)}`);
}
