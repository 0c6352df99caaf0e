import { crc32, inflateRawSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { whyBadName } from './archive-names.ts';

/**
 * The part of ZIP [APPNOTE.TXT 6.3] that a firmware package needs, and nothing of the rest: files side by side, stored or deflated, in
 * the order of the directory, without gaps, comments, extra fields, encryption or data descriptors. A reader that forgives nothing leaves
 * no second way to understand the same bytes, which is what an attack on an updater looks for.
 */
export interface ArchiveLimits {
  readonly mostEntries: number;
  /** Of all entries together, as they state it and as they come out. */
  readonly mostInflatedBytes: number;
}

export type ReadArchive =
  | { readonly ok: true; readonly entries: ReadonlyMap<string, Buffer> }
  | { readonly ok: false; readonly reason: string };

const LOCAL = { signature: 0x04034b50, bytes: 30 };
const CENTRAL = { signature: 0x02014b50, bytes: 46 };
const END = { signature: 0x06054b50, bytes: 22 };
const STORED = 0;
const DEFLATED = 8;
/** General purpose bit 11: the name is UTF-8. Ours are ASCII, so it changes nothing. */
const UTF8_NAMES = 0x0800;
const UNIX_FORMAT = 0o170000;
const UNIX_LINK = 0o120000;
const UNIX_FILE = 0o100000;
const DOS_FOLDER = 0x10;

/** Writes an archive. `stored` entries are kept as they are, the others deflated; the same input gives the same bytes. */
export function writeArchive(
  entries: readonly { readonly name: string; readonly bytes: Uint8Array; readonly stored?: boolean }[],
): Uint8Array {
  // The first moment that a ZIP can say, which it says in local time: builds are the same on every day and everywhere.
  const mtime = new Date(1980, 0, 1);
  const files = entries.map(({ name, bytes, stored = false }): [string, ZipFile] => [
    name,
    [bytes, { level: stored ? 0 : 9, mtime }],
  ]);
  return zipSync(Object.fromEntries(files));
}

type ZipFile = [Uint8Array, { level: 0 | 9; mtime: Date }];

/** Reads an archive, or says in few words why it is none that we take, with the entry. Any bytes are fine as input. */
export function readArchive(bytes: Uint8Array, limits: ArchiveLimits): ReadArchive {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const directory = readDirectory(buffer, limits);
  if (typeof directory === 'string') return { ok: false, reason: directory };
  const entries = new Map<string, Buffer>();
  let offset = 0;
  for (const entry of directory.entries) {
    const local = readLocal(buffer, offset, entry, directory.startsAt);
    if (typeof local === 'string') return { ok: false, reason: `${entry.name}: ${local}` };
    const content = contentOf(local.data, entry);
    if (typeof content === 'string') return { ok: false, reason: `${entry.name}: ${content}` };
    entries.set(entry.name, content);
    offset = local.endsAt;
  }
  if (offset !== directory.startsAt) {
    return { ok: false, reason: `${directory.startsAt - offset} bytes belong to no entry` };
  }
  return { ok: true, entries };
}

interface Entry {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly offset: number;
}

function readDirectory(
  buffer: Buffer,
  limits: ArchiveLimits,
): string | { readonly startsAt: number; readonly entries: readonly Entry[] } {
  const endAt = buffer.length - END.bytes;
  if (endAt < 0 || buffer.readUInt32LE(endAt) !== END.signature) {
    return 'no archive: it does not end as one, or has a comment';
  }
  const count = buffer.readUInt16LE(endAt + 10);
  const startsAt = buffer.readUInt32LE(endAt + 16);
  const isWhole =
    buffer.readUInt32LE(endAt + 4) === 0 &&
    buffer.readUInt16LE(endAt + 8) === count &&
    buffer.readUInt16LE(endAt + 20) === 0 &&
    startsAt + buffer.readUInt32LE(endAt + 12) === endAt;
  if (!isWhole) return 'its directory is not where it says, or it is in several parts';
  if (count > limits.mostEntries) return `${count} entries, ${limits.mostEntries} is the most`;
  const entries: Entry[] = [];
  const names = new Set<string>();
  let at = startsAt;
  let totalBytes = 0;
  for (let number = 1; number <= count; number++) {
    const read = readCentral(buffer, at, endAt);
    if (typeof read === 'string') return `entry ${number}: ${read}`;
    const { entry, endsAt } = read;
    // Some file systems make no difference between two spellings.
    const spelled = entry.name.toLowerCase();
    if (names.has(spelled)) return `entry ${number}: ${entry.name} is there twice`;
    names.add(spelled);
    totalBytes += entry.bytes;
    if (totalBytes > limits.mostInflatedBytes) {
      return `${entry.name}: with it the archive inflates to ${totalBytes} bytes, ${limits.mostInflatedBytes} is the most`;
    }
    entries.push(entry);
    at = endsAt;
  }
  if (at !== endAt) return `${endAt - at} bytes of its directory belong to no entry`;
  return { startsAt, entries };
}

function readCentral(
  buffer: Buffer,
  at: number,
  endAt: number,
): string | { readonly entry: Entry; readonly endsAt: number } {
  if (at + CENTRAL.bytes > endAt || buffer.readUInt32LE(at) !== CENTRAL.signature) {
    return 'the directory breaks off';
  }
  const nameBytes = buffer.readUInt16LE(at + 28);
  const endsAt = at + CENTRAL.bytes + nameBytes;
  if (endsAt > endAt) return 'its name breaks off';
  const name = buffer.toString('latin1', at + CENTRAL.bytes, endsAt);
  const badName = whyBadName(name);
  if (badName !== undefined) return badName;
  if (buffer.readUInt32LE(at + 30) !== 0) return `${name} has an extra field or a comment`;
  const attributes = buffer.readUInt32LE(at + 38);
  const kind = (attributes >>> 16) & UNIX_FORMAT;
  if (kind === UNIX_LINK) return `${name} is a link`;
  if ((kind !== 0 && kind !== UNIX_FILE) || (attributes & DOS_FOLDER) !== 0) return `${name} is no file`;
  const flags = buffer.readUInt16LE(at + 8);
  if ((flags & ~UTF8_NAMES) !== 0) return `${name} is encrypted, streamed or patched`;
  const method = buffer.readUInt16LE(at + 10);
  if (method !== STORED && method !== DEFLATED) return `${name} is packed by method ${method}`;
  const entry = {
    name,
    flags,
    method,
    crc: buffer.readUInt32LE(at + 16),
    packedBytes: buffer.readUInt32LE(at + 20),
    bytes: buffer.readUInt32LE(at + 24),
    offset: buffer.readUInt32LE(at + 42),
  };
  return { entry, endsAt };
}

/** The header before the content must say what the directory says: two readers would else read two archives. */
function readLocal(
  buffer: Buffer,
  at: number,
  entry: Entry,
  directoryAt: number,
): string | { readonly data: Buffer; readonly endsAt: number } {
  if (entry.offset !== at) return 'it does not begin where the one before ends';
  const nameAt = at + LOCAL.bytes;
  if (nameAt > directoryAt || buffer.readUInt32LE(at) !== LOCAL.signature) return 'its header is missing';
  const says =
    buffer.readUInt16LE(at + 6) === entry.flags &&
    buffer.readUInt16LE(at + 8) === entry.method &&
    buffer.readUInt32LE(at + 14) === entry.crc &&
    buffer.readUInt32LE(at + 18) === entry.packedBytes &&
    buffer.readUInt32LE(at + 22) === entry.bytes &&
    buffer.readUInt16LE(at + 26) === entry.name.length &&
    buffer.readUInt16LE(at + 28) === 0 &&
    buffer.toString('latin1', nameAt, nameAt + entry.name.length) === entry.name;
  if (!says) return 'its header says something else than the directory';
  const dataAt = nameAt + entry.name.length;
  const endsAt = dataAt + entry.packedBytes;
  if (endsAt > directoryAt) return 'it breaks off';
  return { data: buffer.subarray(dataAt, endsAt), endsAt };
}

function contentOf(data: Buffer, { method, bytes, crc }: Entry): Buffer | string {
  const content = method === STORED ? data : inflated(data, bytes);
  if (typeof content === 'string') return content;
  if (content.length !== bytes) return `${content.length} bytes where it states ${bytes}`;
  return crc32(content) === crc ? content : 'the checksum does not fit';
}

/** Never more than stated: what would not stop inflating is stopped. */
function inflated(data: Buffer, bytes: number): Buffer | string {
  try {
    return inflateRawSync(data, { maxOutputLength: Math.max(1, bytes) });
  } catch (error) {
    const tooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    return tooLarge ? `it inflates to more than the ${bytes} bytes that it states` : 'it cannot be inflated';
  }
}
