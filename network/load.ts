import { readFileSync } from 'node:fs';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { PumprangeError } from '../protocol/index.ts';
import { zonePlanSchema } from './plan.ts';
import { compilePlan, type ZonePolicy } from './policy.ts';

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
  if (text.length > LARGEST_FILE_CHARACTERS) return { problems: [`${file}:1:1: the file is too large`] };
  const lines = new LineCounter();
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
  };
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
    const faults = [...document.errors, ...document.warnings].slice(0, 20);
    if (faults.length > 0) {
      return { problems: faults.map(({ pos, message }) => `${place(pos[0])}: ${message}`) };
    }
    const told = (path: readonly PropertyKey[], message: string): string => {
      const keys = path.map(String);
      return `${place(nearestNode(document, keys))}: ${keys.length === 0 ? '' : `${keys.join('.')}: `}${message}`;
    };
    const plan = zonePlanSchema.safeParse(document.toJS({ maxAliasCount: 20 }));
    if (!plan.success) return { problems: plan.error.issues.map(({ path, message }) => told(path, message)) };
    const compiled = compilePlan(plan.data);
    if ('policy' in compiled) return compiled;
    return { problems: compiled.problems.map(({ path, message }) => told(path, message)) };
  } catch (error) {
    // Exhausted by nesting or aliases.
    return { problems: [`${file}:1:1: ${error instanceof Error ? error.message : String(error)}`] };
  }
}

/** Where a value stands, or else the nearest one around it. */
function nearestNode(document: ReturnType<typeof parseDocument>, path: readonly string[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node)) return node.range?.[0] ?? 0;
  }
  return document.contents?.range?.[0] ?? 0;
}
