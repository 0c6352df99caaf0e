import { closest, distance } from 'fastest-levenshtein';
import type { z } from 'zod';
import { KNOWN_EVENTS } from './known-events.ts';
import type { DetectionRule } from './rule.ts';

interface RuleProblem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Components whose events are all known; a rule for somebody else's part may wait for what only that part writes. */
const OURS: ReadonlySet<string> = new Set([
  ...['broker', 'pump', 'pki', 'pump-server', 'nurse-station', 'network', 'evidence', 'evidence-log'],
  ...['scenario', 'testbed', 'monitoring'],
]);

/** Events that a rule waits for and that nobody writes. */
export function unknownEvents({ source, detection }: DetectionRule): readonly RuleProblem[] {
  const { condition: _, ...selections } = detection;
  return Object.entries(selections).flatMap(([name, selection]) => {
    const sources = [selection.source ?? source ?? []].flat();
    if (sources.some((one) => one !== null && !OURS.has(one))) return [];
    return [selection.event ?? []].flat().flatMap((event): readonly RuleProblem[] => {
      if (event === null || KNOWN_EVENTS.some((known) => fits(event, known))) return [];
      return [
        {
          path: ['detection', name, 'event'],
          message: `there is no event ${event}${meant(event, KNOWN_EVENTS)}`,
        },
      ];
    });
  });
}

/** What is wrong with a value, in words; of several readings the one that fits the value's shape, and of few choices the one that was meant. */
export function issueText(issue: z.core.$ZodIssue, data: unknown): string {
  const value = issue.path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
    data,
  );
  if (issue.code === 'invalid_union') {
    const wantsList = Array.isArray(value);
    const branches = issue.errors.map((branch) => branch[0]).filter((one) => one !== undefined);
    const isOfList = (one: z.core.$ZodIssue): boolean =>
      one.path.length > 0 || (one.code === 'invalid_type' && one.expected === 'array');
    const branch = branches.find((one) => isOfList(one) === wantsList) ?? branches[0];
    return branch === undefined ? issue.message : issueText(branch, value);
  }
  if (issue.code !== 'invalid_value' || typeof value !== 'string') return issue.message;
  const choices = issue.values.map(String);
  return `there is no ${JSON.stringify(value)}${meant(value, choices) || `; there are ${choices.join(', ')}`}`;
}

/** `: did you mean "x"?`, or nothing where none is near. */
function meant(text: string, choices: readonly string[]): string {
  const near = closest(text, choices);
  return choices.length > 0 && distance(text, near) <= Math.max(2, Math.floor(text.length / 3))
    ? `: did you mean ${JSON.stringify(near)}?`
    : '';
}

/** `*` stands for any characters. */
function fits(pattern: string, event: string): boolean {
  if (!pattern.includes('*')) return pattern === event;
  const [first = '', ...others] = pattern.split('*');
  const last = others.at(-1) ?? '';
  return event.startsWith(first) && event.endsWith(last);
}
