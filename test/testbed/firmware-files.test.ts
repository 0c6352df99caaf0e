import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HeapClock } from '../../clock/index.ts';
import { createMemoryPki, type Pki } from '../../pki/index.ts';
import { readFirmwareFiles } from '../../pump-server/index.ts';
import { loadWardData } from '../../testbed/data.ts';
import {
  acceptFirmwareFile,
  buildFirmware,
  signFirmwareFile,
  verifyFirmwareFile,
} from '../../testbed/firmware-files.ts';
import { tempFolder } from '../helpers/command.ts';

const DATA = loadWardData();
const NOW_MS = Date.parse('2026-03-01T08:00:00.000Z');
const DAY_MS = 86_400_000;

interface Desk {
  readonly pki: Pki;
  readonly clock: HeapClock;
  readonly manifest: string;
  readonly package: string;
}

async function built(payload: Uint8Array | number = 2_000): Promise<Desk> {
  const clock = new HeapClock(NOW_MS);
  const files = await buildFirmware(DATA, {
    model: 'lvp',
    version: '1.2.0',
    payload,
    sequence: 3,
    validDays: 20,
    out: join(tempFolder(), 'out'),
    nowMs: NOW_MS,
  });
  return { ...files, clock, pki: createMemoryPki({ clock }) };
}

const sign = ({ manifest, pki }: Desk, id = 'vendor-01') => signFirmwareFile(manifest, id, pki, NOW_MS);
const accept = ({ manifest, pki }: Desk) => acceptFirmwareFile(manifest, 'biomed-01', pki, NOW_MS);

async function accepted(): Promise<Desk> {
  const desk = await built();
  await sign(desk);
  await accept(desk);
  return desk;
}

/** What does not hold: what was looked at, and what is said of it. */
async function faults({ manifest, pki, clock }: Desk): Promise<Record<string, string>> {
  const findings = await verifyFirmwareFile(manifest, pki, clock.now());
  return Object.fromEntries(findings.filter(({ holds }) => !holds).map(({ what, detail }) => [what, detail]));
}

function change(path: string, by: (manifest: Record<string, unknown>) => void): void {
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  by(manifest);
  writeFileSync(path, JSON.stringify(manifest));
}

describe('the files of a firmware version', () => {
  it('hold once a vendor has signed and the hospital has accepted, and say by whom', async () => {
    const desk = await accepted();
    const findings = await verifyFirmwareFile(desk.package, desk.pki, NOW_MS);
    expect(findings.filter(({ holds }) => !holds)).toEqual([]);
    expect(findings[0]?.detail).toContain(
      'made by vendor vendor-01; its certificate leads to the root of this site',
    );
    expect(findings[1]?.detail).toContain('made by biomed biomed-01');
  });

  it('carry any payload, and are what a server releases', async () => {
    const image = Buffer.from('an image of our own');
    const desk = await built(image);
    const { manifest, packageBytes } = readFirmwareFiles(desk.manifest);
    expect(Buffer.from(packageBytes).includes(image)).toBe(true);
    expect(manifest).toMatchObject({
      model: 'lvp',
      firmwareVersion: '1.2.0',
      sequence: 3,
      securityEpoch: 3,
      sizeBytes: packageBytes.length,
      notAfter: new Date(NOW_MS + 20 * DAY_MS).toISOString(),
      dependencies: expect.arrayContaining([{ component: 'bootloader', minimumVersion: '1.4.0' }]),
    });
  });

  it('are not accepted before a vendor has signed them', async () => {
    const desk = await built();
    await expect(accept(desk)).rejects.toThrow(/no valid signature of a vendor to accept/);
  });

  it('are not signed twice by the same, nor by somebody who was revoked', async () => {
    const desk = await built();
    await sign(desk);
    await expect(sign(desk)).rejects.toThrow(/has signed it already/);
    desk.pki.revoke({ kind: 'vendor', id: 'vendor-01' }, 'keyCompromise');
    await expect(sign(desk)).rejects.toThrow(/was revoked and signs nothing any more/);
    await expect(accept(desk)).rejects.toThrow(/no valid signature of a vendor/);
    await sign(desk, 'vendor-02');
    await accept(desk);
  });

  it('are not signed by whoever has another package beside the manifest', async () => {
    const desk = await built();
    const bytes = readFileSync(desk.package);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(desk.package, bytes);
    await expect(sign(desk)).rejects.toThrow(/the package beside it is another than it says/);
  });

  it.each<[string, (desk: Desk) => void, Record<string, RegExp>]>([
    [
      'the vendor was revoked',
      ({ pki }) => pki.revoke({ kind: 'vendor', id: 'vendor-01' }, 'keyCompromise'),
      { 'signature 1': /^revoked: /, vendor: /no valid signature/ },
    ],
    [
      'the release has expired',
      ({ clock }) => clock.runTo(NOW_MS + 21 * DAY_MS),
      { time: /^it expired at 2026-03-21/ },
    ],
    [
      'the certificates have expired, too',
      ({ clock }) => clock.runTo(NOW_MS + 40 * DAY_MS),
      { 'signature 1': /^expired: /, 'signature 2': /^expired: /, vendor: /./, hospital: /./, time: /./ },
    ],
    [
      'somebody changed the manifest',
      ({ manifest }) =>
        change(manifest, (it) => {
          it.securityEpoch = 9;
        }),
      {
        'signature 1': /^bad-signature: /,
        'signature 2': /^bad-signature: /,
        vendor: /./,
        hospital: /./,
        package: /another security epoch than the manifest says/,
      },
    ],
    [
      'the manifest keeps silent on what a pump must have',
      ({ manifest }) =>
        change(manifest, (it) => {
          delete it.dependencies;
          delete it.signatures;
        }),
      { vendor: /./, hospital: /./, package: /another dependencies than/ },
    ],
    [
      'the package was cut',
      (desk) => truncateSync(desk.package, 1_000),
      {
        size: /^1000 bytes where the manifest says/,
        digest: /where the manifest says/,
        package: /no archive/,
      },
    ],
    [
      'only the vendor has signed',
      ({ manifest }) =>
        change(manifest, (it) => {
          it.signatures = (it.signatures as unknown[]).slice(0, 1);
        }),
      { hospital: /no valid signature of biomedical engineering/ },
    ],
  ])('do not hold when %s, and say so', async (_, spoil, expected) => {
    const desk = await accepted();
    spoil(desk);
    const found = await faults(desk);
    expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
    for (const [what, pattern] of Object.entries(expected)) expect(found[what]).toMatch(pattern);
  });

  it('do not count a certificate for another purpose: a vendor’s for connecting signs no code', async () => {
    const desk = await built();
    const { signAll } = await import('../../pump-server/index.ts');
    const { unsettled } = await import('../../clock/index.ts');
    const { manifest } = readFirmwareFiles(desk.manifest);
    const connecting = desk.pki.issue({ identity: { kind: 'vendor', id: 'vendor-01' } });
    writeFileSync(desk.manifest, JSON.stringify(await signAll(manifest, [connecting], unsettled)));
    expect((await faults(desk))['signature 1']).toMatch(/^wrong-usage: /);
  });

  it.each<[string, string, RegExp]>([
    ['is no JSON', '{\n  "document": oops\n}', /manifest\.json:2: no JSON/],
    ['lacks what it needs', '{"document":"firmware-manifest"}', /manifest\.json: version: /],
    ['is too long', `"${' '.repeat(300_000)}"`, /300002 bytes; a manifest has at most 262144/],
  ])('are refused with file and place when the manifest %s', async (_, text, reason) => {
    const desk = await built();
    writeFileSync(desk.manifest, text);
    expect(() => readFirmwareFiles(desk.manifest)).toThrow(reason);
  });

  it('are refused by their size before a gigabyte is read', async () => {
    const desk = await built();
    truncateSync(desk.package, 1_000_000_000);
    expect(() => readFirmwareFiles(desk.package)).toThrow(/1000000000 bytes; a package has at most 68157440/);
    expect(() => readFirmwareFiles('nowhere.zip')).toThrow(/nowhere.manifest.json cannot be read \(ENOENT\)/);
    expect(() => readFirmwareFiles('readme.txt')).toThrow(/a manifest ends in/);
  });
});
