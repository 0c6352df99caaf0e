/** Types of a TLS record [RFC 5246 §6.2.1]. */
const HANDSHAKE = 22;
const APPLICATION_DATA = 23;
const HEADER_BYTES = 5;
/** HMAC-SHA1 behind what a suite without encryption carries. */
const MAC_BYTES = 20;
/** Suites that do not encrypt [RFC 8422 §6, RFC 5246 §A.5], and the two that are no suites: renegotiation and fallback. */
const UNENCRYPTED: ReadonlySet<number> = new Set([0xc006, 0xc010, 0x0001, 0x0002, 0x003b, 0x00ff, 0x5600]);

interface TlsRecord {
  readonly type: number;
  readonly fragment: Buffer;
}

/** One direction of a TLS connection, as somebody on the way sees it. */
export class TlsRecords {
  #rest: Buffer = Buffer.alloc(0);

  push(bytes: Buffer): readonly TlsRecord[] {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const records: TlsRecord[] = [];
    for (;;) {
      const rest = this.#rest;
      if (rest.length < HEADER_BYTES) return records;
      const end = HEADER_BYTES + rest.readUInt16BE(3);
      if (rest.length < end) return records;
      records.push({ type: rest.readUInt8(0), fragment: rest.subarray(HEADER_BYTES, end) });
      this.#rest = rest.subarray(end);
    }
  }
}

/** What is said in a record of a session without encryption; nothing in one of another type. */
export function cleartextOf({ type, fragment }: TlsRecord): Buffer | undefined {
  if (type !== APPLICATION_DATA || fragment.length < MAC_BYTES) return undefined;
  return fragment.subarray(0, fragment.length - MAC_BYTES);
}

/** Whether a ClientHello offers no suite but such as do not encrypt [RFC 5246 §7.4.1.2]; `undefined` for a record that is none. */
export function offersNoEncryption({ type, fragment }: TlsRecord): boolean | undefined {
  if (type !== HANDSHAKE || fragment[0] !== 1 || fragment.length < 41) return undefined;
  // Type and length, version, random; then the session id.
  const suitesAt = 4 + 2 + 32 + 1 + fragment.readUInt8(38);
  if (suitesAt + 2 > fragment.length) return undefined;
  const end = Math.min(fragment.length, suitesAt + 2 + fragment.readUInt16BE(suitesAt));
  for (let at = suitesAt + 2; at + 2 <= end; at += 2) {
    if (!UNENCRYPTED.has(fragment.readUInt16BE(at))) return false;
  }
  return true;
}
