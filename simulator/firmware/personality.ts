import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { type FirmwarePersonality, personalitySchema } from '../../protocol/firmware/index.ts';
import { PumprangeError } from '../../protocol/index.ts';

const fileSchema = z.strictObject({
  model: personalitySchema.shape.model,
  versions: z.array(personalitySchema.omit({ model: true })).min(1),
});

/**
 * Reads every `*.yaml` of a folder: one file a model, with its versions.
 *
 * @throws PumprangeError `PR_FILE_UNREADABLE`, or `PR_MODEL_INVALID` with file and place
 */
export function loadPersonalities(folder: string): readonly FirmwarePersonality[] {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  } catch (cause) {
    throw new PumprangeError('PR_FILE_UNREADABLE', `${folder}: ${String(cause)}`, { cause });
  }
  return names.sort().flatMap((name) => {
    const path = join(folder, name);
    return parsePersonalities(readFileSync(path, 'utf8'), path);
  });
}

/** @param place names the text in an error. */
export function parsePersonalities(text: string, place: string): readonly FirmwarePersonality[] {
  let data: unknown;
  try {
    data = parse(text);
  } catch (cause) {
    throw new PumprangeError('PR_MODEL_INVALID', `${place}: ${String(cause)}`, { cause });
  }
  const parsed = fileSchema.safeParse(data);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue?.path.join('.') || 'file';
    throw new PumprangeError('PR_MODEL_INVALID', `${place}: ${where}: ${issue?.message}`);
  }
  const { model, versions } = parsed.data;
  return versions.map((version) => ({ model, ...version }));
}
