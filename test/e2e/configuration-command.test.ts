import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { pumprange, start, tempFolder } from '../helpers/command.ts';

const SAMPLE = 'simulator/configuration/samples/adult-icu.json';

let cwd: string;
beforeEach(() => {
  cwd = tempFolder();
  copyFileSync(SAMPLE, join(cwd, 'icu.json'));
});

const configuration = (...args: string[]) => pumprange(['configuration', ...args], { cwd });

describe('configuration check', () => {
  it('says what is set', async () => {
    const { code, stdout, stderr } = await configuration('check', 'icu.json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^TRAINING, NOT FOR HUMAN USE\nadult-icu 1\.0\.0 for adult-icu, sequence 1, for lvp\n/,
    );
    expect(stdout).toContain('occlusionLimitMmHg 400, airLimitMicroL 75, autoRestarts 3');
  });

  it.each<[string, (settings: Record<string, unknown>) => unknown]>([
    ['an address that is not loopback', (settings) => ({ ...settings, timeServer: '10.0.0.1' })],
    ['a name that only begins like one', (settings) => ({ ...settings, timeServer: '127.0.0.1.example' })],
    ['an unknown setting', (settings) => ({ ...settings, alarms: { volume: 3 } })],
  ])('refuses %s', async (_, change) => {
    const sample = JSON.parse(readFileSync(SAMPLE, 'utf8'));
    writeFileSync(join(cwd, 'icu.json'), JSON.stringify({ ...sample, settings: change(sample.settings) }));
    const { code, stderr } = await configuration('check', 'icu.json');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^PR_DOCUMENT_INVALID: icu\.json: settings\./);
  });
});

describe('configuration approve and release', () => {
  it('takes two different people, and reaches the pumps of the ward that runs', async () => {
    const ward = start(['up', '--port', '0', '--pumps', '6'], { cwd });
    await ward.until(/Ctrl-C stops everything/);
    expect((await configuration('approve', 'icu.json', '--as', 'pharmacist-01')).stderr).toMatch(
      /^PR_APPROVER_REFUSED/,
    );
    const first = await configuration('approve', 'icu.json', '--as', 'biomed-01');
    expect(first.stdout).toMatch(/DRAFT → APPROVED 1 of 2/);
    expect((await configuration('approve', 'icu.json', '--as', 'biomed-01')).stderr).toMatch(
      /^PR_APPROVED_ALREADY/,
    );
    expect((await configuration('release', 'icu.json')).stderr).toMatch(/^PR_RELEASE_NOT_APPROVED/);
    const second = await configuration('approve', 'icu.json', '--as', 'security-01');
    expect(second.stdout).toMatch(/: APPROVED\n/);
    expect(await configuration('release', 'icu.json')).toMatchObject({ code: 0, stderr: '' });
    const { stdout } = await configuration('adoption', '--json');
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ version: 1, banner: 'TRAINING, NOT FOR HUMAN USE' });
    expect(report.pumps).toHaveLength(6);
    for (const { model, careArea, released } of report.pumps) {
      expect(released).toBe(model === 'lvp' && careArea === 'adult-icu' ? '1.0.0' : null);
    }
    expect((await configuration('adoption')).stdout).toMatch(/of 6 pumps are behind\n$/);
    ward.process.kill('SIGTERM');
    await ward.ended;
  }, 120_000);
});
