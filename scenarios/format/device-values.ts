import { z } from 'zod';

/** Network services that a pump may have of its own. */
export const PUMP_SERVICES = ['console', 'files', 'diagnostics', 'session'] as const;
export type PumpService = (typeof PUMP_SERVICES)[number];

export const pumpServiceSchema = z
  .enum(PUMP_SERVICES)
  .describe(
    'Which service; console: for maintenance; files: takes packages and libraries; diagnostics: reads only; session: for other systems.',
  );

/** What a pump stores and serves whoever has it. */
export const SECRETS = ['network-key', 'directory-credential', 'private-key'] as const;
/** What else a pump stores that is worth having. */
const OTHERS = ['certificate', 'configuration', 'library', 'log'] as const;

export const storedSchema = z.enum([...SECRETS, ...OTHERS]);
export type Stored = z.infer<typeof storedSchema>;

export const secretSchema = z.enum(SECRETS);
export type Secret = z.infer<typeof secretSchema>;

export function isSecret(kind: Stored): kind is Secret {
  return SECRETS.some((secret) => secret === kind);
}
