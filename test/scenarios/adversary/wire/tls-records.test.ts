import { describe, expect, it } from 'vitest';
import {
  cleartextOf,
  offersNoEncryption,
  TlsRecords,
} from '../../../../scenarios/adversary/wire/tls-records.ts';

function record(type: number, fragment: Buffer): Buffer {
  const header = Buffer.of(type, 3, 3, 0, 0);
  header.writeUInt16BE(fragment.length, 3);
  return Buffer.concat([header, fragment]);
}

function hello(...suites: number[]): Buffer {
  const list = Buffer.alloc(2 + 2 * suites.length);
  list.writeUInt16BE(2 * suites.length);
  for (const [index, suite] of suites.entries()) list.writeUInt16BE(suite, 2 + 2 * index);
  const body = Buffer.concat([Buffer.of(3, 3), Buffer.alloc(32), Buffer.of(0), list, Buffer.of(1, 0)]);
  return Buffer.concat([Buffer.of(1, 0, 0, body.length), body]);
}

const read = (...bytes: Buffer[]) => new TlsRecords().push(Buffer.concat(bytes));

describe('records of TLS', () => {
  it('are put together from whatever pieces come', () => {
    const bytes = Buffer.concat([record(22, Buffer.from('one')), record(23, Buffer.from('two'))]);
    const records = new TlsRecords();
    const seen = [...bytes].flatMap((octet) => records.push(Buffer.of(octet)));
    expect(seen.map(({ type, fragment }) => `${type} ${fragment}`)).toEqual(['22 one', '23 two']);
  });

  it('say what they carry in front of the code that authenticates it, and nothing that is no data', () => {
    const data = Buffer.concat([Buffer.from('said'), Buffer.alloc(20)]);
    const [application, alert] = read(record(23, data), record(21, data));
    expect(application && cleartextOf(application)?.toString()).toBe('said');
    expect(alert && cleartextOf(alert)).toBeUndefined();
  });

  it.each([
    ['no suite that encrypts', [0xc006, 0x00ff], true],
    ['one that encrypts among others', [0xc006, 0x1301], false],
  ])('show a ClientHello that offers %s', (_what, suites, expected) => {
    const [first] = read(record(22, hello(...suites)));
    expect(first && offersNoEncryption(first)).toBe(expected);
  });

  it('show nothing of that in what is cut short or is no ClientHello', () => {
    for (const fragment of [hello(0xc006).subarray(0, 20), Buffer.of(2, 0, 0, 0), Buffer.alloc(0)]) {
      const [first] = read(record(22, fragment));
      expect(first && offersNoEncryption(first)).toBeUndefined();
    }
  });
});
