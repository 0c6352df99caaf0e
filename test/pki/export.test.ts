import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { exportCredential } from '../../pki/index.ts';
import { bench } from './workbench.ts';

let parent: string;
let out: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'pumprange-export-'));
  out = join(parent, 'a', 'out');
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

const { pki } = bench();
const identity = { kind: 'observer', id: 'observer-01' } as const;
const read = (name: string): string => readFileSync(join(out, name), 'utf8');

test('three files for a TLS client, for nobody else to read', () => {
  const credential = pki.issue({ identity });
  exportCredential(credential, out);
  expect(readdirSync(out).sort()).toEqual(['ca.pem', 'cert.pem', 'key.pem']);
  expect(readdirSync(join(out, '..'))).toEqual(['out']);
  expect(read('cert.pem')).toBe(credential.chainPem);
  expect(read('cert.pem').match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
  expect(read('key.pem')).toBe(credential.privateKeyPem);
  expect(read('ca.pem')).toBe(pki.rootPem);
  for (const name of readdirSync(out)) expect(statSync(join(out, name)).mode & 0o777).toBe(0o600);
});

test('another key is not overwritten unless that is asked for; the same one may be written again', () => {
  const first = pki.issue({ identity });
  const second = pki.issue({ identity });
  exportCredential(first, out);
  exportCredential(first, out);
  expect(() => exportCredential(second, out)).toThrow(expect.objectContaining({ code: 'PR_FILE_EXISTS' }));
  expect(read('key.pem')).toBe(first.privateKeyPem);
  expect(read('cert.pem')).toBe(first.chainPem);
  exportCredential(second, out, { overwrite: true });
  expect(read('key.pem')).toBe(second.privateKeyPem);
  expect(read('cert.pem')).toBe(second.chainPem);
});

test('a folder that is there keeps what else is in it', () => {
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, 'notes.txt'), 'mine');
  exportCredential(pki.issue({ identity }), out);
  expect(read('notes.txt')).toBe('mine');
  expect(existsSync(join(out, 'key.pem'))).toBe(true);
});

test('where it cannot be written it is a coded error', () => {
  writeFileSync(join(parent, 'a'), 'a file');
  expect(() => exportCredential(pki.issue({ identity }), out)).toThrow(
    expect.objectContaining({ code: 'PR_DISK' }),
  );
});
