import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CONTROL_IDS, CONTROLS, type ControlId } from '../../protocol/index.ts';
import { parseBaseline, type RunReport } from '../../scenarios/index.ts';
import { BIN, HANG_MS } from '../helpers/command.ts';

/**
 * A test of the matrix itself: the one file that enforces a control is broken, and a cell that was on record as decided by it comes out
 * otherwise. A matrix that read its verdicts off the configuration would not notice.
 */
const FILE = 'scenarios/matrix-baseline.json';
const { attacks } = parseBaseline(readFileSync(FILE, 'utf8'), FILE);
const HOOK = resolve(import.meta.dirname, '../helpers/broken-file.mjs');

type Place = readonly [pattern: string, replacement: string];

/** Where the file that enforces it asks for the control by another name. */
const ELSEWHERE: Partial<Record<ControlId, readonly Place[]>> = {
  'certificate-revocation': [['revocationOf\\(path, trust\\.revocation, atMs\\)', 'undefined']],
  'rate-limit': [['return \\{\\s*code:', 'return undefined && { code:']],
  'session-quota': [['return \\{\\s*code:', 'return undefined && { code:']],
  'library-ceiling': [
    [
      'export function beyondCeiling\\(library, ceiling\\) \\{',
      'export function beyondCeiling(library, ceiling) { return [];',
    ],
  ],
  'keypad-lockout': [['context\\.access\\.locksOut', 'false']],
  'dose-limits': [['noLimits === true', 'true']],
};

/** TLS has two ends: whether a pump comes back with less is asked at its own. */
const OTHER_END: Partial<Record<ControlId, readonly string[]>> = { 'modern-tls': ['testbed/dialer.js'] };

/** Wherever the file asks whether the control is on, it hears no. */
function placesOf(control: ControlId): readonly Place[] {
  const quoted = `['"]${control}['"]`;
  return (
    ELSEWHERE[control] ?? [
      [`[\\w.#]+\\.has\\(${quoted}\\)`, 'false'],
      [`isEffective\\(${quoted},[^)]*\\)`, 'false'],
      [`\\b(?:on|isOn)\\(${quoted}\\)`, 'false'],
      [`[\\w.#]+lacks\\.includes\\(${quoted}\\)`, 'true'],
    ]
  );
}

/** The cell that shows a control best: alone if it does something alone, else removed. */
function decidedCell(control: ControlId): readonly string[] | undefined {
  const alone = attacks.find((line) => line.alone[control] !== undefined);
  // Essential performance is on where its cell says alone: the counterfactual is the bare floor without it.
  if (alone !== undefined && CONTROLS[control].essential) return flags(alone, '--bare');
  if (alone !== undefined) return flags(alone, '--only-control', control);
  const missed = attacks.find((line) => line.missed[control] !== undefined);
  return missed && flags(missed, '--posture', 'layered');
}

function flags(line: (typeof attacks)[number], ...cell: string[]): readonly string[] {
  return [line.attack, ...cell, ...(line.firmware === null ? [] : ['--firmware', line.firmware])];
}

/** What the attack came to, in the figures that make an effect. */
async function outcomeOf(args: readonly string[], broken?: object): Promise<object> {
  const stdout = await new Promise<string>((done, failed) => {
    const child = spawn(process.execPath, ['--import', HOOK, BIN, 'run', ...args, '--json'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...(broken && { PUMPRANGE_TEST_BREAK: JSON.stringify(broken) }) },
    });
    let out = '';
    let error = '';
    child.stdout.on('data', (chunk) => (out += chunk));
    child.stderr.on('data', (chunk) => (error += chunk));
    child.on('close', () => (out === '' ? failed(new Error(error)) : done(out)));
  });
  const report: RunReport = JSON.parse(stdout);
  const { succeeded, withinBound, contained, detectedAfterMs, harm } = report.runs[0]!.attack!;
  return { succeeded, withinBound, contained, isDetected: detectedAfterMs !== null, harm };
}

it('has an attack on record for every control', () => {
  expect(CONTROL_IDS.filter((id) => decidedCell(id) === undefined)).toEqual([]);
});

describe('with its enforcement broken', () => {
  it.each(CONTROL_IDS)(
    '%s decides no more what it decided',
    async (control) => {
      const cell = decidedCell(control);
      expect(cell, `no attack on record is decided by ${control}`).toBeDefined();
      const { enforcedIn } = CONTROLS[control];
      expect(enforcedIn).not.toBeNull();
      const file = join(String(enforcedIn).replace(/\.ts$/, '.js'));
      const whole = await outcomeOf(cell!);
      // A run that came out otherwise by itself would say nothing.
      expect(await outcomeOf(cell!)).toEqual(whole);
      const files = [file, ...(OTHER_END[control] ?? [])];
      const broken = await outcomeOf(
        cell!,
        files.map((one) => ({ file: one, places: placesOf(control) })),
      );
      expect(broken).not.toEqual(whole);
    },
    HANG_MS,
  );
});
