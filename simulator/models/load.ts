import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { PumprangeError } from '../../protocol/index.ts';
import { type PumpModel, pumpModelSchema } from './model.ts';

/**
 * Reads every `*.yaml` of a folder as a pump model.
 *
 * @returns the models by id, in the order of their file names
 * @throws PumprangeError `PR_FILE_UNREADABLE`, or `PR_MODEL_INVALID` with file and place
 */
export function loadModels(folder: string): ReadonlyMap<string, PumpModel> {
  const models = new Map<string, PumpModel>();
  for (const { path, text } of yamlFiles(folder)) {
    const model = parseModel(text, path);
    if (models.has(model.id)) {
      throw new PumprangeError('PR_MODEL_INVALID', `${path}: the model ${model.id} is there twice`);
    }
    models.set(model.id, model);
  }
  return models;
}

/** @param place names the text in an error, e.g. its path. */
export function parseModel(text: string, place: string): PumpModel {
  let data: unknown;
  try {
    data = parse(text);
  } catch (cause) {
    throw new PumprangeError('PR_MODEL_INVALID', `${place}: ${String(cause)}`, { cause });
  }
  const parsed = pumpModelSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue?.path.join('.') ?? '';
  throw new PumprangeError(
    'PR_MODEL_INVALID',
    `${place}: ${where === '' ? '' : `${where}: `}${issue?.message}`,
  );
}

/** Every YAML file of a folder with its text, sorted by name. */
function yamlFiles(folder: string): readonly { path: string; text: string }[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.yaml'))
      .sort()
      .map((name) => ({ path: join(folder, name), text: readFileSync(join(folder, name), 'utf8') }));
  } catch (cause) {
    throw new PumprangeError('PR_FILE_UNREADABLE', `${folder}: ${String(cause)}`, { cause });
  }
}
