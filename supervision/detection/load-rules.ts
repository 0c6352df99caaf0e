import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PumprangeError, readYamlText } from '../../protocol/index.ts';
import { type DetectionRule, detectionRuleSchema } from './rule.ts';
import { issueText, unknownEvents } from './rule-problems.ts';

const LARGEST_FILE_CHARACTERS = 64 * 1024;

/**
 * Reads every rule of a folder, sorted by the name of its file.
 * @throws PumprangeError PR_DETECTION_INVALID with each problem as `file:line:column: …` on a line of its own;
 * PR_FILE_UNREADABLE.
 */
export function loadRules(folder: string): readonly DetectionRule[] {
  return loadRuleFiles([folder]);
}

/**
 * Reads the rules of files and folders, in the order in which they are named.
 * @throws PumprangeError as `loadRules`; PR_DETECTION_INVALID also where there is none at all.
 */
export function loadRuleFiles(paths: readonly string[]): readonly DetectionRule[] {
  const files = paths.flatMap(yamlFilesOf);
  if (files.length === 0) {
    throw new PumprangeError('PR_DETECTION_INVALID', `there is no rule in ${paths.join(', ')}`);
  }
  const results = files.map((file) => ({ file, ...read(file) }));
  const rules = results.flatMap((result) => ('rule' in result ? [result] : []));
  const problems = [
    ...results.flatMap((result) => ('problems' in result ? result.problems : [])),
    ...rules.flatMap(({ file, rule }, index) => {
      const first = rules.findIndex((one) => one.rule.id === rule.id);
      return first < index
        ? [`${file}:1:1: the rule "${rule.id}" is in ${rules[first]?.file ?? ''} already`]
        : [];
    }),
  ];
  if (problems.length > 0) throw new PumprangeError('PR_DETECTION_INVALID', problems.join('\n'));
  return rules.map(({ rule }) => rule);
}

function yamlFilesOf(path: string): readonly string[] {
  if (!readable(path, () => statSync(path)).isDirectory()) return [path];
  return readable(path, () => readdirSync(path))
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(path, name));
}

function read(file: string): ReturnType<typeof parseRule> {
  // A device or a pipe would have no end.
  const stat = readable(file, () => statSync(file));
  if (!stat.isFile() || stat.size > LARGEST_FILE_CHARACTERS) {
    return { problems: [`${file}:1:1: this is no file of a rule`] };
  }
  return parseRule(
    readable(file, () => readFileSync(file, 'utf8')),
    file,
  );
}

/** Parses the text of one rule; `file` is for the problems only. Never throws. */
export function parseRule(
  text: string,
  file: string,
): { readonly rule: DetectionRule } | { readonly problems: readonly string[] } {
  const read = readYamlText(text, file, LARGEST_FILE_CHARACTERS);
  if ('problems' in read) return read;
  const { data, told } = read;
  const result = detectionRuleSchema.safeParse(data);
  const faults = result.success
    ? unknownEvents(result.data)
    : result.error.issues.map((issue) => ({ path: issue.path, message: issueText(issue, data) }));
  if (result.success && faults.length === 0) return { rule: result.data };
  return { problems: faults.map(({ path, message }) => told(path, message)) };
}

function readable<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason';
    throw new PumprangeError('PR_FILE_UNREADABLE', `${path} cannot be read (${reason}).`, { cause });
  }
}
