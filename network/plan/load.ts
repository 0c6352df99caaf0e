import { readFileSync } from 'node:fs';
import { PumprangeError, readYamlText } from '../../protocol/index.ts';
import { compilePlan } from './compile.ts';
import { zonePlanSchema } from './plan.ts';
import type { ZonePolicy } from './policy.ts';

const LARGEST_FILE_CHARACTERS = 256 * 1024;

/**
 * Reads a plan of zones and compiles it.
 *
 * @throws PumprangeError `PR_FILE_UNREADABLE`; `PR_ZONES_INVALID` with each problem as `file:line:column: …`
 */
export function loadZonePlan(file: string): ZonePolicy {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new PumprangeError('PR_FILE_UNREADABLE', `${file}: ${String(cause)}`, { cause });
  }
  const result = parseZonePlan(text, file);
  if ('problems' in result) throw new PumprangeError('PR_ZONES_INVALID', result.problems.join('\n'));
  return result.policy;
}

/** Parses and compiles the text of a plan; `file` is for the problems only. Never throws. */
export function parseZonePlan(
  text: string,
  file: string,
): { readonly policy: ZonePolicy } | { readonly problems: readonly string[] } {
  const read = readYamlText(text, file, LARGEST_FILE_CHARACTERS);
  if ('problems' in read) return read;
  const { data, told } = read;
  const plan = zonePlanSchema.safeParse(data);
  if (!plan.success) return { problems: plan.error.issues.map(({ path, message }) => told(path, message)) };
  const compiled = compilePlan(plan.data);
  if ('policy' in compiled) return compiled;
  return { problems: compiled.problems.map(({ path, message }) => told(path, message)) };
}
