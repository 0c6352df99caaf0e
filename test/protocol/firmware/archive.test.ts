import { crc32, deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readArchive, writeArchive } from '../../../protocol/firmware/archive.ts';

const LIMITS = { mostEntries: 4, mostInflatedBytes: 10_000 };
const A = Buffer.from('alpha');
const B = Buffer.from('beta, beta, beta, beta, beta, beta');

const good = () =>
  Buffer.from(
    writeArchive([
      { name: 'a.txt', bytes: A, stored: true },
      { name: 'b.txt', bytes: B },
    ]),
  );
const reasonOf = (bytes: Uint8Array, limits = LIMITS) => {
  const read = readArchive(bytes, limits);
  return read.ok ? 'taken' : read.reason;
};

/** An archive of one file, by hand: every field can lie. */
function forged(change: {
  name?: string;
  localName?: string;
  data?: Buffer;
  bytes?: number;
  method?: number;
  attributes?: number;
  flags?: number;
  crc?: number;
}): Buffer {
  const { name = 'a.txt', data = A, bytes = 5, method = 0, attributes = 0, flags = 0 } = change;
  const { localName = name, crc = crc32(A) } = change;
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(flags, 6);
  local.writeUInt16LE(method, 8);
  local.writeUInt32LE(crc, 14);
  local.writeUInt32LE(data.length, 18);
  local.writeUInt32LE(bytes, 22);
  local.writeUInt16LE(localName.length, 26);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt16LE(flags, 8);
  central.writeUInt16LE(method, 10);
  central.writeUInt32LE(crc, 16);
  central.writeUInt32LE(data.length, 20);
  central.writeUInt32LE(bytes, 24);
  central.writeUInt16LE(name.length, 28);
  central.writeUInt32LE(attributes, 38);
  const front = Buffer.concat([local, Buffer.from(localName, 'latin1'), data]);
  const directory = Buffer.concat([central, Buffer.from(name, 'latin1')]);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(front.length, 16);
  return Buffer.concat([front, directory, end]);
}

describe('an archive', () => {
  it('gives back what was put in', () => {
    const read = readArchive(good(), LIMITS);
    expect(read.ok && [...read.entries]).toEqual([
      ['a.txt', A],
      ['b.txt', B],
    ]);
  });

  it.each([
    ['../../etc/passwd', 'entry 1: "../../etc/passwd" leads out of the archive'],
    ['..\\x', 'entry 1: "..\\\\x" leads out of the archive'],
    ['/etc/passwd', 'entry 1: "/etc/passwd" is an absolute name'],
    ['C:x', 'entry 1: "C:x" is an absolute name'],
    ['\\\\host\\x', 'entry 1: "\\\\\\\\host\\\\x" is an absolute name'],
    ['folder/x', 'entry 1: "folder/x" is in a folder'],
    ['a\0b', 'entry 1: "a\\u0000b" has characters that no name may have'],
    ['.hidden', 'entry 1: ".hidden" has characters that no name may have'],
    ['', 'entry 1: it has no name'],
    ['n'.repeat(65), 'entry 1: a name of 65 characters, 64 is the most'],
  ])('with the name %j is refused, and says why', (name, reason) => {
    expect(reasonOf(forged({ name }))).toBe(reason);
  });

  it.each<[string, Buffer, string]>([
    ['a link', forged({ attributes: 0o120777 * 65_536 }), 'entry 1: a.txt is a link'],
    ['a folder', forged({ attributes: 0x10 }), 'entry 1: a.txt is no file'],
    ['a device', forged({ attributes: 0o020666 * 65_536 }), 'entry 1: a.txt is no file'],
    ['something encrypted', forged({ flags: 1 }), 'entry 1: a.txt is encrypted, streamed or patched'],
    ['another method', forged({ method: 14 }), 'entry 1: a.txt is packed by method 14'],
    [
      'two names for one file',
      forged({ localName: 'b.txt' }),
      'a.txt: its header says something else than the directory',
    ],
    ['a wrong checksum', forged({ crc: 1 }), 'a.txt: the checksum does not fit'],
    ['a size that is a lie', forged({ bytes: 6 }), 'a.txt: 5 bytes where it states 6'],
    ['what cannot be inflated', forged({ method: 8 }), 'a.txt: it cannot be inflated'],
  ])('with %s is refused, and says why', (_, bytes, reason) => {
    expect(reasonOf(bytes)).toBe(reason);
  });

  it('that has a name twice is refused, whatever its spelling', () => {
    const twice = writeArchive([
      { name: 'a.txt', bytes: A },
      { name: 'A.TXT', bytes: B },
    ]);
    expect(reasonOf(twice)).toBe('entry 2: A.TXT is there twice');
  });

  it('that would inflate to more than there is room for is refused before anything is inflated', () => {
    const bomb = writeArchive([{ name: 'a.txt', bytes: Buffer.alloc(10_001) }]);
    expect(bomb.length).toBeLessThan(300);
    expect(reasonOf(bomb)).toBe('a.txt: with it the archive inflates to 10001 bytes, 10000 is the most');
    const parts = writeArchive(['a', 'b', 'c'].map((name) => ({ name, bytes: Buffer.alloc(5_000) })));
    expect(reasonOf(parts)).toBe('c: with it the archive inflates to 15000 bytes, 10000 is the most');
  });

  it('that inflates to more than it states is stopped there', () => {
    const data = deflateRawSync(Buffer.alloc(50_000_000));
    expect(reasonOf(forged({ data, method: 8, bytes: 100 }))).toBe(
      'a.txt: it inflates to more than the 100 bytes that it states',
    );
  });

  it('of too many entries is refused', () => {
    const many = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, bytes: A }));
    expect(reasonOf(writeArchive(many))).toBe('5 entries, 4 is the most');
  });

  it('hides nothing: not before, between or after its files, nor in a comment', () => {
    const whole = good();
    expect(reasonOf(Buffer.concat([Buffer.from('MZ'), whole]))).toMatch(/directory/);
    expect(reasonOf(Buffer.concat([whole, Buffer.from('x')]))).toMatch(/does not end as one/);
    const directoryAt = whole.readUInt32LE(whole.length - 6);
    const gap = Buffer.concat([
      whole.subarray(0, directoryAt),
      Buffer.from('hidden'),
      whole.subarray(directoryAt),
    ]);
    gap.writeUInt32LE(directoryAt + 6, gap.length - 6);
    expect(reasonOf(gap)).toBe('6 bytes belong to no entry');
  });

  it('whose files overlap is refused', () => {
    const overlapping = good();
    const directoryAt = overlapping.readUInt32LE(overlapping.length - 6);
    const second = directoryAt + 46 + 'a.txt'.length;
    overlapping.writeUInt32LE(0, second + 42);
    expect(reasonOf(overlapping)).toBe('b.txt: it does not begin where the one before ends');
  });
});
