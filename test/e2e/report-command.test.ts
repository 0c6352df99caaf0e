import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VERSION } from '../../cli/version.ts';
import { publishedSchemas } from '../../scenarios/index.ts';
import { HOUSE } from '../../tools/house.ts';
import { type Ended, pumprange, tempFolder } from '../helpers/command.ts';

const PRICES = join(HOUSE, 'scenarios/prices.example.yaml');

it('says the version that package.json has', () => {
  expect(JSON.parse(readFileSync(join(HOUSE, 'package.json'), 'utf8')).version).toBe(VERSION);
});

it('reads the price list before it rehearses anything', async () => {
  const folder = tempFolder();
  writeFileSync(join(folder, 'prices.yaml'), 'currency: EUR\n');
  const args = ['run', 'spoofed-command', '--report', 'report', '--prices', 'prices.yaml'];
  const { code, stdout, stderr } = await pumprange(args, { cwd: folder });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('PR_PRICES_INVALID: prices.yaml:');
  expect(existsSync(join(folder, 'report'))).toBe(false);
}, 240_000);

describe('run --report', () => {
  let folder = '';
  let ended: Ended;
  const read = (name: string): string => readFileSync(join(folder, 'report', name), 'utf8');
  beforeAll(async () => {
    // One run for all of these tests.
    folder = mkdtempSync(join(tmpdir(), 'pumprange-test-'));
    const args = [
      'run',
      'spoofed-command',
      '--posture',
      'all',
      '--report',
      'report',
      '--prices',
      PRICES,
      '--json',
    ];
    ended = await pumprange(args, { cwd: folder });
  }, 240_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('prints one document on stdout, and where the report is on stderr', () => {
    expect(ended).toMatchObject({ code: 0, stderr: 'report: report/report.html\n' });
    expect(JSON.parse(ended.stdout)).toEqual(JSON.parse(read('report.json')));
  });

  it('writes the page and what lies beside it', () => {
    const page = read('report.html');
    expect(page).toContain('A forged command tries to change a running rate');
    expect(page).toContain('Under <code>flat-legacy</code>');
    // A curve for each posture.
    expect(page.match(/<svg class="chart"/g)).toHaveLength(3);
    const validate = new Ajv2020({ strict: false, formats: { 'date-time': true } }).compile(
      publishedSchemas()['rehearsal-report'],
    );
    validate(JSON.parse(read('details.json')));
    expect(validate.errors).toBeNull();
    expect(read('report.md')).toContain('| spoofed-command: ');
    expect(read('junit.xml')).toContain('<testsuite name="spoofed-command [layered]"');
    expect(read('transcripts/spoofed-command-layered.txt')).toMatch(/^# spoofed-command under layered/);
    // Every file that the page names is there.
    const named = [...page.matchAll(/<li><code>([^<]+)<\/code><\/li>/g)].map(([, name = '']) => name);
    expect(named).toContain('evidence-spoofed-command-layered.jsonl');
    expect(named.filter((name) => !existsSync(join(folder, 'report', name)))).toEqual([]);
  });

  it('shows only commands that carry out the same run again', async () => {
    const [, command = ''] =
      /(npx pumprange run spoofed-command --posture layered[^<]*)</.exec(read('report.html')) ?? [];
    const again = await pumprange([...command.split(' ').slice(2), '--json'], { cwd: folder });
    const printed = JSON.parse(ended.stdout).runs.find(
      ({ posture }: { posture: string }) => posture === 'layered',
    );
    expect(JSON.parse(again.stdout).runs[0]).toEqual({ ...printed, wallMs: expect.any(Number) });
  }, 240_000);

  it('seals the evidence, so that a change is found with the key that lies beside', async () => {
    const log = join('report', 'evidence-spoofed-command-layered.jsonl');
    const verify = (): Promise<Ended> => {
      const checkpoints = log.replace('.jsonl', '.checkpoints.jsonl');
      const args = [
        'evidence',
        'verify',
        log,
        '--checkpoints',
        checkpoints,
        '--key',
        'report/evidence-signer.pem',
      ];
      return pumprange(args, { cwd: folder });
    };
    expect(await verify()).toMatchObject({ code: 0, stdout: expect.stringMatching(/^whole: \d+ lines/) });
    const text = read('evidence-spoofed-command-layered.jsonl');
    expect(text).toContain('"topic-authorization"');
    writeFileSync(join(folder, log), text.replace('"topic-authorization"', '"mutual-tls"'));
    expect(await verify()).toMatchObject({ code: 1, stdout: expect.stringMatching(/^changed n \d+/) });
    writeFileSync(join(folder, 'report', 'evidence-signer.pem'), 'no key');
    expect((await verify()).stderr).toContain('PR_EVIDENCE_INVALID');
  }, 240_000);
});

it('looks at the folder before anything is rehearsed, and names the option', async () => {
  const folder = tempFolder();
  writeFileSync(join(folder, 'file'), '');
  const { code, stdout, stderr } = await pumprange(['run', 'spoofed-command', '--report', 'file/report'], {
    cwd: folder,
  });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('PR_DISK: --report file/report: ');
  expect(stderr).not.toContain('folder with --dir. ');
}, 240_000);
