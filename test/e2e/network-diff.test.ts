import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { networkDiffSchema } from '../../network/diff/document.ts';
import { pumprange, tempFolder } from '../helpers/command.ts';
import { canHaveLab } from '../helpers/lab.ts';

describe.skipIf(!canHaveLab())('pumprange network diff', () => {
  test('tells what a changed ruleset opens, closes and breaks', { timeout: 600_000 }, async () => {
    const folder = tempFolder();
    const file = (name: string): string => join(folder, name);
    const { stdout: old } = await pumprange(['network', 'plan', '--nft', '--pumps', '1']);
    // Somebody lets guests in for a test, and takes away the way to enrolment as one that nobody could explain.
    const changed = old
      .split('\n')
      .filter((line) => !line.includes('"medical-devices-to-est"'))
      .map((line) =>
        line.replace(
          /^( *)ct state invalid/,
          '$1iifname "pr-guest" counter accept comment "test"\n$1ct state invalid',
        ),
      )
      .join('\n');
    writeFileSync(file('changed.nft'), changed);
    const { code, stdout, stderr } = await pumprange([
      ...[
        'network',
        'diff',
        'sp1800-8',
        file('changed.nft'),
        '--pumps',
        '1',
        '--ipv4-only',
        '--idle-timeout',
        '60s',
      ],
      ...['--json', file('diff.json'), '--html', file('diff.html')],
    ]);
    expect(stderr).not.toMatch(/PR_/);
    const diff = networkDiffSchema.parse(JSON.parse(readFileSync(file('diff.json'), 'utf8')));
    const line = (from: string, to: string) => (one: { from: string; to: string; layer: string }) =>
      one.from === from && one.to === to && one.layer === 'l3-l4';
    expect(diff.gained.find(line('guest', 'broker'))).toMatchObject({
      was: ['dropped'],
      is: ['open'],
      by: expect.stringContaining('test'),
    });
    expect(diff.lost.find(line('medical-devices', 'est'))).toMatchObject({ was: ['open'], is: ['dropped'] });
    expect(diff.newlyReachable.find(({ asset }) => asset === 'broker')?.for).toContain('guest');
    // A visitor reaches a pump's console now; a pump does not renew its certificate any more.
    expect(diff.attacks.possible).toEqual(expect.arrayContaining(['guest-wifi-to-dose', 'open-console']));
    expect(diff.care.broken).toEqual(['certificate-renewal']);
    expect(code).toBe(1);
    // Answers of what was let through come first, in this ruleset as in most.
    const enrolling =
      diff.sessions?.filter(({ from, to }) => from === 'medical-devices' && to === 'est') ?? [];
    expect(enrolling.length).toBeGreaterThan(0);
    for (const { outcome } of enrolling) expect(outcome).toBe('goes on');
    // A pump speaks every three minutes, and the firewall forgets it after one.
    expect(diff.idle).toMatchObject({ keepAliveS: 180, idleTimeoutS: 60, outcome: 'cut off in silence' });
    expect(stdout).toMatch(/Attacks that become possible, of \d+: \d+\n(?: {2}.*\n)* {2}guest-wifi-to-dose/);
    expect(stdout).toContain('certificate-renewal');
    const page = readFileSync(file('diff.html'), 'utf8');
    expect(page).toContain('guest-wifi-to-dose');
    expect(page).not.toMatch(/<script|https?:\/\//);
  });

  test('takes nothing for a plan that is none', async () => {
    const { code, stderr } = await pumprange(['network', 'diff', 'sp1800-8', 'no-such.yaml']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/^PR_FILE_UNREADABLE/) });
  });
});
