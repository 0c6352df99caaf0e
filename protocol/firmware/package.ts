import { z } from 'zod';
import { shortText } from '../short-text.ts';
import { type FirmwarePersonality, personalitySchema } from './personality.ts';

/** A package as it travels: JSON with the personality and a payload that stands in for code, in base64. */
const packageSchema = z.strictObject({
  format: z.literal('pumprange-firmware'),
  notice: z.literal('TEST ONLY'),
  personality: personalitySchema,
  payload: z.base64(),
});

/**
 * Builds a package.
 *
 * @param payloadBytes size of the filler; its content follows from model and version, so builds are reproducible
 */
export function buildFirmwarePackage(personality: FirmwarePersonality, payloadBytes: number): Uint8Array {
  const filler = Buffer.alloc(payloadBytes, `${personality.model} ${personality.version} TEST ONLY `, 'utf8');
  return Buffer.from(
    JSON.stringify({
      format: 'pumprange-firmware',
      notice: 'TEST ONLY',
      personality,
      payload: filler.toString('base64'),
    }),
    'utf8',
  );
}

/** The personality in a package, or why the bytes are no package, in few words. Any bytes are fine as input. */
export function readFirmwarePackage(
  bytes: Uint8Array,
): { readonly personality: FirmwarePersonality } | { readonly personality: null; readonly reason: string } {
  let data: unknown;
  try {
    data = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { personality: null, reason: shortText(`not JSON: ${why}`) };
  }
  const parsed = packageSchema.safeParse(data);
  if (parsed.success) return { personality: parsed.data.personality };
  const issue = parsed.error.issues[0];
  return { personality: null, reason: shortText(`${issue?.path.join('.') || 'package'}: ${issue?.message}`) };
}
