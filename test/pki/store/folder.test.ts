import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HeapClock } from '../../../clock/index.ts';
import { openPki, type Pki } from '../../../pki/index.ts';
import { pkiIn } from '../../../pki/open-pki.ts';
import { folderStore } from '../../../pki/store/folder-store.ts';
import type { ErrorCode } from '../../../protocol/index.ts';
import { DAY_MS, PUMP, START_MS } from '../workbench.ts';

let parent: string;
let dir: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'pumprange-pki-'));
  dir = join(parent, 'deep', 'pki');
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

function open(atMs = START_MS, name?: string): Pki {
  return openPki({ dir, clock: new HeapClock(atMs), ...(name === undefined ? {} : { name }) });
}

function expectRefusal(act: () => unknown, code: ErrorCode, detail: string | RegExp): void {
  expect(act).toThrow(expect.objectContaining({ code }));
  expect(act).toThrow(detail);
}

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

test('a PKI is made where there is none, and found again', () => {
  const made = open();
  expect(made.created).toBe(true);
  const found = open();
  expect(found.created).toBe(false);
  expect(found.rootPem).toBe(made.rootPem);
});

test('a PKI is made in a folder that is there and empty', () => {
  mkdirSync(dir, { recursive: true });
  expect(open().created).toBe(true);
});

test('only the owner can read what is in it, and a note says what it is for', () => {
  const pki = open();
  pki.credentialFor(PUMP);
  pki.revoke(PUMP, 'superseded');
  pki.crls();
  for (const file of filesOf(dir)) expect([file, statSync(file).mode & 0o777]).toEqual([file, 0o600]);
  for (const folder of ['.', 'authorities', 'credentials', 'issued', 'revoked', 'crl']) {
    expect([folder, statSync(join(dir, folder)).mode & 0o777]).toEqual([folder, 0o700]);
  }
  expect(readFileSync(join(dir, 'README.txt'), 'utf8')).toMatch(/^PUMPRANGE - TEST ONLY - NOT FOR HUMAN USE/);
});

test('what was issued, revoked and listed in CRLs is there at the next opening', () => {
  const before = open();
  const kept = before.credentialFor(PUMP);
  const revoked = before.credentialFor({ kind: 'nurse', id: 'nurse-01' });
  before.revoke(revoked.serialNumber, 'privilegeWithdrawn');
  const crls = before.crls();
  const after = open();
  expect(after.list()).toEqual(before.list());
  expect(after.crls()).toEqual(crls);
  const judge = after.judge({ revocation: true });
  expect(judge(kept.chainDer, 'tls-client', START_MS).accepted).toBe(true);
  expect(judge(revoked.chainDer, 'message-signing', START_MS)).toMatchObject({ refusal: 'revoked' });
});

test('a stored credential is given again, whole, until two thirds of its life are over', () => {
  const first = open().credentialFor(PUMP);
  const again = open(START_MS + 19 * DAY_MS).credentialFor(PUMP);
  expect({ ...again, privateKey: null }).toEqual({ ...first, privateKey: null });
  expect(again.privateKey.equals(first.privateKey)).toBe(true);
  const renewed = open(START_MS + 20 * DAY_MS).credentialFor(PUMP);
  expect(renewed.serialNumber).not.toBe(first.serialNumber);
  expect(open(START_MS + 21 * DAY_MS).credentialFor(PUMP).serialNumber).toBe(renewed.serialNumber);
});

test('a revoked credential is not given again', () => {
  const first = open().credentialFor(PUMP);
  open().revoke(first.serialNumber, 'keyCompromise');
  expect(open().credentialFor(PUMP).serialNumber).not.toBe(first.serialNumber);
});

test('two credentials of one identity for different profiles do not mix', () => {
  const vendor = { kind: 'vendor', id: 'acme' } as const;
  const service = open().credentialFor(vendor);
  const signer = open().credentialFor(vendor, 'firmware-signer');
  expect(open().credentialFor(vendor).serialNumber).toBe(service.serialNumber);
  expect(open().credentialFor(vendor, 'firmware-signer').serialNumber).toBe(signer.serialNumber);
});

test('a process that died between a revocation and its CRL is made good', () => {
  const pki = open();
  const { serialNumber, chainDer } = pki.credentialFor(PUMP);
  pki.crls();
  pki.revoke(serialNumber, 'superseded');
  const after = open();
  const refused = after.judge({ revocation: true })(chainDer, 'tls-client', START_MS);
  expect(refused).toMatchObject({ refusal: 'revoked' });
  expect(after.crls().find(({ issuer }) => issuer === 'devices')?.number).toBe(2);
});

test('what a process left that died while making the PKI is taken away, and the PKI is made', () => {
  mkdirSync(join(dir, '.new-1-abc'), { recursive: true });
  writeFileSync(join(dir, '.new-1-abc', 'root.key.pem'), 'half a key');
  writeFileSync(join(dir, 'README.txt.123'), 'half a note');
  expect(open().created).toBe(true);
  expect(existsSync(join(dir, '.new-1-abc'))).toBe(false);
});

test('what a process left that died while writing a record is not taken for one', () => {
  const { serialNumber } = open().issue({ identity: PUMP });
  writeFileSync(join(dir, 'issued', 'abcd.json.1234'), '{"serialNu');
  expect(
    open()
      .list()
      .map((one) => one.serialNumber),
  ).toEqual([serialNumber]);
});

test('a process that comes second to a new folder takes what the first one made', () => {
  const store = folderStore(dir);
  let first: Pki | undefined;
  const second = pkiIn(
    {
      ...store,
      createFolder: (folder, files) => {
        first = open();
        return store.createFolder(folder, files);
      },
    },
    { clock: new HeapClock(START_MS) },
  );
  expect(first?.created).toBe(true);
  expect(second.created).toBe(false);
  expect(second.rootPem).toBe(first?.rootPem);
});

test.each(['site.json', 'root.cert.pem', 'root.key.pem', 'devices.cert.pem', 'people.key.pem'])(
  'without authorities/%s, or with half of it, the PKI is refused and the file named',
  (name) => {
    open();
    const file = join(dir, 'authorities', name);
    truncateSync(file, 30);
    expectRefusal(open, 'PR_PKI_UNREADABLE', `${file} is damaged`);
    rmSync(file);
    expectRefusal(open, 'PR_PKI_UNREADABLE', `${file} is missing`);
  },
);

test('authorities of two sites are never mixed', () => {
  const other = join(parent, 'other');
  open();
  openPki({ dir: other, clock: new HeapClock(START_MS) });
  const copy = (name: string) => cpSync(join(other, 'authorities', name), join(dir, 'authorities', name));
  copy('devices.key.pem');
  expectRefusal(open, 'PR_PKI_UNREADABLE', /devices\.key\.pem is damaged: .*it is not the key of/);
  copy('devices.cert.pem');
  expectRefusal(open, 'PR_PKI_UNREADABLE', /devices\.cert\.pem was not issued by the root/);
});

test('an authority in another one’s place is refused', () => {
  open();
  for (const part of ['cert', 'key']) {
    cpSync(join(dir, 'authorities', `people.${part}.pem`), join(dir, 'authorities', `devices.${part}.pem`));
  }
  expectRefusal(open, 'PR_PKI_UNREADABLE', /devices\.cert\.pem is that of .*People CA/);
});

test('records without the authorities that made them are a damaged PKI, not an empty folder', () => {
  open().issue({ identity: PUMP });
  rmSync(join(dir, 'authorities'), { recursive: true });
  expectRefusal(open, 'PR_PKI_UNREADABLE', /authorities is missing, but .*issued is in it/);
});

test('a folder with something else in it is left alone', () => {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'thesis.txt'), '');
  expectRefusal(open, 'PR_PKI_UNREADABLE', 'thesis.txt is in it');
  expect(readdirSync(dir)).toEqual(['thesis.txt']);
});

test('damaged records, CRLs and credentials are refused when they are needed, and named', () => {
  const pki = open();
  const { serialNumber } = pki.credentialFor(PUMP);
  pki.revoke(serialNumber, 'superseded');
  pki.credentialFor(PUMP);
  pki.crls();
  const damage = (name: string, act: () => unknown): void => {
    const file = join(dir, name);
    const whole = readFileSync(file);
    writeFileSync(file, whole.subarray(0, whole.length / 2));
    expectRefusal(act, 'PR_PKI_UNREADABLE', file);
    writeFileSync(file, whole);
  };
  damage(`issued/${serialNumber}.json`, () => open().list());
  damage(`revoked/${serialNumber}.json`, open);
  damage('crl/devices.crl.pem', open);
  damage('credentials/pump.LVP-0001.pump.pem', () => open().credentialFor(PUMP));
  expect(open().list()).toHaveLength(2);
});

test('a credential or a CRL of another PKI is refused', () => {
  const other = join(parent, 'other');
  for (const pki of [open(), openPki({ dir: other, clock: new HeapClock(START_MS) })]) {
    pki.credentialFor(PUMP);
    pki.crls();
  }
  const credential = 'credentials/pump.LVP-0001.pump.pem';
  cpSync(join(other, credential), join(dir, credential));
  expectRefusal(() => open().credentialFor(PUMP), 'PR_PKI_UNREADABLE', 'issued by another PKI');
  cpSync(join(other, 'crl/root.crl.pem'), join(dir, 'crl/root.crl.pem'));
  expectRefusal(open, 'PR_PKI_UNREADABLE', 'was not issued by this PKI');
});

test('a PKI from the future says that the clock was set back; an hour is forgiven', () => {
  open();
  expect(open(START_MS - 3_600_000).created).toBe(false);
  expectRefusal(() => open(START_MS - 3_600_001), 'PR_PKI_CLOCK_SET_BACK', '2026-03-02T06:00:00.000Z');
});

test('a CRL that was issued by a clock ahead of this one is issued again', () => {
  open();
  open(START_MS + 1_800_000).crls();
  for (const crl of open().crls()) expect(crl).toMatchObject({ number: 2, thisUpdateMs: START_MS });
});

test('an authority that has expired is named', () => {
  open();
  expect(open(START_MS + 365 * DAY_MS).created).toBe(false);
  expectRefusal(() => open(START_MS + 365 * DAY_MS + 1), 'PR_PKI_EXPIRED', 'devices.cert.pem expired');
  expectRefusal(() => open(START_MS + 731 * DAY_MS), 'PR_PKI_EXPIRED', 'root.cert.pem expired');
});

test('a file in the place of the folder is refused', () => {
  mkdirSync(join(dir, '..'), { recursive: true });
  writeFileSync(dir, '');
  expectRefusal(open, 'PR_PKI_UNREADABLE', `${dir} cannot be read (ENOTDIR)`);
});

test('where nothing can be written it is PR_DISK, and nothing is left', () => {
  const full = openPki.bind(null, { dir: '/proc/pumprange/pki', clock: new HeapClock(START_MS) });
  if (process.platform === 'linux') expectRefusal(full, 'PR_DISK', '/proc/pumprange/pki');
  if (process.getuid?.() === 0) return;
  mkdirSync(dir, { recursive: true });
  chmodSync(dir, 0o500);
  expectRefusal(open, 'PR_DISK', 'EACCES');
  chmodSync(dir, 0o700);
  expect(readdirSync(dir)).toEqual([]);
});

test('a disk that is full when a certificate is registered gives no certificate out', () => {
  open();
  const store = folderStore(dir);
  let full = false;
  const pki = pkiIn(
    {
      ...store,
      write: (name, text, durable) => {
        // A path through a file fails the way a full disk does: in the middle of writing.
        store.write(full ? `README.txt/${name}` : name, text, durable);
      },
    },
    { clock: new HeapClock(START_MS) },
  );
  const { serialNumber, chainDer } = pki.issue({ identity: PUMP });
  full = true;
  expectRefusal(() => pki.issue({ identity: PUMP }), 'PR_DISK', 'README.txt');
  expectRefusal(() => pki.revoke(serialNumber, 'superseded'), 'PR_DISK', 'README.txt');
  // The judge writes nothing and goes on.
  expect(pki.judge({ revocation: true })(chainDer, 'tls-client', START_MS).accepted).toBe(true);
  full = false;
  expect(pki.list()).toHaveLength(1);
  expect(pki.revoke(serialNumber, 'superseded')).toHaveLength(1);
});

test('what another process has revoked is taken up once: listeners are told, and the judge knows', () => {
  const running = open();
  const { chainDer, serialNumber } = running.credentialFor(PUMP);
  const told: string[] = [];
  running.onRevoked((one) => told.push(one.serialNumber));
  const judge = running.judge({ revocation: true });
  expect(judge(chainDer, 'tls-client', START_MS).accepted).toBe(true);
  const other = open();
  other.revoke(PUMP, 'keyCompromise');
  // Issued and revoked elsewhere: this process has heard of neither.
  const unheard = other.issue({ identity: { kind: 'pump', id: 'LVP-0002' } });
  other.revoke(unheard.serialNumber, 'superseded');
  // The list that it has judges on until the next is issued.
  expect(judge(chainDer, 'tls-client', START_MS).accepted).toBe(true);
  expect(running.takeUpRevocations()).toHaveLength(2);
  expect([...told].sort()).toEqual([serialNumber, unheard.serialNumber].sort());
  expect(judge(chainDer, 'tls-client', START_MS)).toMatchObject({ refusal: 'revoked' });
  expect(running.takeUpRevocations()).toEqual([]);
});
