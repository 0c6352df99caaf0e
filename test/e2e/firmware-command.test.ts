import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pumprange, start, tempFolder } from '../helpers/command.ts';

const MANIFEST = join('fw', 'firmware-lvp-1.2.0.manifest.json');
const PACKAGE = join('fw', 'firmware-lvp-1.2.0.zip');

test('a package goes from the vendor to the hospital, and verify says when something does not hold', async () => {
  const cwd = tempFolder();
  const firmware = (...args: string[]) => pumprange(['firmware', ...args], { cwd });
  expect((await pumprange(['pki', 'init'], { cwd })).code).toBe(0);
  const build = ['build', '--model', 'lvp', '--version', '1.2.0', '--payload-bytes', '5000', '--out', 'fw'];
  expect(await firmware(...build)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('nobody has signed'),
  });
  expect(await firmware('accept', MANIFEST)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('PR_FIRMWARE_INVALID'),
  });
  expect((await firmware('verify', MANIFEST)).code).toBe(1);
  expect((await firmware('sign', MANIFEST, '--as', 'vendor-07')).code).toBe(0);
  expect((await firmware('accept', MANIFEST, '--as', 'biomed-03')).code).toBe(0);
  const verified = await firmware('verify', PACKAGE, MANIFEST);
  expect(verified).toMatchObject({ code: 0, stderr: '' });
  expect(verified.stdout).toContain('made by vendor vendor-07');
  expect(verified.stdout).toContain('made by biomed biomed-03');
  expect(verified.stdout).toContain('valid CycloneDX 1.6');

  const bytes = readFileSync(join(cwd, PACKAGE));
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(join(cwd, PACKAGE), bytes);
  const { code, stdout } = await firmware('verify', PACKAGE, '--json');
  expect(code).toBe(1);
  const [artefact] = JSON.parse(stdout).artefacts;
  const wrong = artefact.findings.filter((one: { holds: boolean }) => !one.holds);
  expect(wrong.map((one: { what: string }) => one.what)).toEqual(['digest', 'package']);
});

test('what cannot be built or read is refused, and `--version` is that of the firmware', async () => {
  const cwd = tempFolder();
  const refused = async (...args: string[]) => {
    const { code, stderr } = await pumprange(['firmware', ...args], { cwd });
    return [code, stderr.split(':')[0]];
  };
  const build = ['build', '--model', 'lvp', '--out', 'fw'];
  expect(await refused(...build, '--version', '9.9.9')).toEqual([2, 'PR_MODEL_INVALID']);
  expect(await refused(...build)).toEqual([2, 'PR_USAGE']);
  expect(await refused(...build, '--version', '1.2.0', '--payload', 'x', '--payload-bytes', '3')).toEqual([
    2,
    'PR_USAGE',
  ]);
  expect(await refused(...build, '--version', '1.2.0', '--payload', 'nothing')).toEqual([
    2,
    'PR_FILE_UNREADABLE',
  ]);
  expect(await refused('sign', 'x.manifest.json')).toEqual([2, 'PR_PKI_MISSING']);
  expect(await refused('exposure')).toEqual([2, 'PR_WARD_NOT_RUNNING']);
  expect(await refused('exposure', '--inventory', 'x', '--after', 'lvp')).toEqual([2, 'PR_USAGE']);
  expect((await pumprange(['--version'], { cwd })).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('exposure looks at the pumps of a ward that runs', async () => {
  const cwd = tempFolder();
  const ward = start(['up', '--pumps', '3', '--port', '0'], { cwd });
  try {
    await ward.until(/Ctrl-C stops everything/);
    const { code, stdout } = await pumprange(['firmware', 'exposure', '--json'], { cwd });
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    // A ward starts with the newest versions: what is open there no update closes.
    expect(report.pumps.map(({ firmware }: { firmware: string }) => firmware)).toEqual([
      '1.2.0',
      '1.2.0',
      '1.2.0',
    ]);
    expect(report.before).toMatchObject({ exposedPumps: 3, unknownPumps: 0 });
    expect(report.patchFirst).toEqual([]);
  } finally {
    ward.process.kill('SIGTERM');
    await ward.ended;
  }
});
