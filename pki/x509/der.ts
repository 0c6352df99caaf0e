import asn1, { type Asn1 } from 'node-forge/lib/asn1.js';
import { type OidName, oidContent } from './oids.ts';

/** Building and reading DER [X.690] on forge's ASN.1. Octets are strings of one character an octet, as forge has them. */

export type { Asn1 };

const UNIVERSAL = 0x00;
const CONTEXT = 0x80;

export const TAG = {
  boolean: 1,
  integer: 2,
  bitString: 3,
  octetString: 4,
  null: 5,
  oid: 6,
  enumerated: 10,
  utf8String: 12,
  printableString: 19,
  bmpString: 30,
  sequence: 16,
  set: 17,
  utcTime: 23,
  generalizedTime: 24,
} as const;

/** Bytes that are not what they should be. It never leaves this module's callers: they turn it into a refusal. */
export class DerError extends Error {
  override readonly name = 'DerError';
}

function octets(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

export function bytesOf(content: string): Buffer {
  return Buffer.from(content, 'latin1');
}

export function encode(element: Asn1): Buffer {
  return bytesOf(asn1.toDer(element).getBytes());
}

/** A sequence of elements that are encoded already. */
export function sequenceOf(...encoded: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(encoded);
  const length = body.byteLength;
  if (length < 0x80) return Buffer.concat([Buffer.of(0x30, length), body]);
  const octetsOfLength = bytesOf(magnitudeOf(length));
  return Buffer.concat([Buffer.of(0x30, 0x80 | octetsOfLength.byteLength), octetsOfLength, body]);
}

/** @throws on anything that is not one whole element. */
export function decode(der: Uint8Array): Asn1 {
  return asn1.fromDer(octets(der), {
    strict: true,
    parseAllBytes: true,
    // forge would look for elements inside signatures and keys, which are only octets to us.
    decodeBitStrings: false,
    maxDepth: 32,
  });
}

export function sequence(...elements: (Asn1 | undefined)[]): Asn1 {
  return asn1.create(UNIVERSAL, TAG.sequence, true, elements.filter(isPresent));
}

export function set(...elements: Asn1[]): Asn1 {
  return asn1.create(UNIVERSAL, TAG.set, true, elements);
}

export function oid(name: OidName): Asn1 {
  return asn1.create(UNIVERSAL, TAG.oid, false, oidContent(name));
}

export function boolean(value: boolean): Asn1 {
  return asn1.create(UNIVERSAL, TAG.boolean, false, value ? '\xff' : '\x00');
}

export function nothing(): Asn1 {
  return asn1.create(UNIVERSAL, TAG.null, false, '');
}

/** A non-negative integer. */
export function integer(value: number | Uint8Array): Asn1 {
  const magnitude = typeof value === 'number' ? magnitudeOf(value) : octets(value);
  const sign = magnitude.charCodeAt(0) >= 0x80 ? '\x00' : '';
  return asn1.create(UNIVERSAL, TAG.integer, false, sign + magnitude);
}

export function enumerated(value: number): Asn1 {
  return asn1.create(UNIVERSAL, TAG.enumerated, false, String.fromCharCode(value));
}

export function octetString(content: Uint8Array): Asn1 {
  return asn1.create(UNIVERSAL, TAG.octetString, false, octets(content));
}

export function bitString(content: Uint8Array, unusedBits = 0): Asn1 {
  return asn1.create(UNIVERSAL, TAG.bitString, false, String.fromCharCode(unusedBits) + octets(content));
}

export function utf8String(text: string): Asn1 {
  return asn1.create(UNIVERSAL, TAG.utf8String, false, octets(Buffer.from(text, 'utf8')));
}

/** Letters, digits, space and `'()+,-./:=?` only; the caller has seen to that [X.680 §41.4]. */
export function printableString(text: string): Asn1 {
  return asn1.create(UNIVERSAL, TAG.printableString, false, text);
}

/** Two octets a character, from the basic multilingual plane; forge makes them. */
export function bmpString(text: string): Asn1 {
  return asn1.create(UNIVERSAL, TAG.bmpString, false, text);
}

/** `[n] EXPLICIT` */
export function explicit(tag: number, element: Asn1): Asn1 {
  return asn1.create(CONTEXT, tag, true, [element]);
}

/** `[n] IMPLICIT` over a SET OF or SEQUENCE OF. */
export function implicitList(tag: number, ...listed: Asn1[]): Asn1 {
  return asn1.create(CONTEXT, tag, true, listed);
}

/** `[n] IMPLICIT` over octets. */
export function implicit(tag: number, content: Uint8Array): Asn1 {
  return asn1.create(CONTEXT, tag, false, octets(content));
}

/** `[n] IMPLICIT` over elements. */
export function implicitSequence(tag: number, ...parts: (Asn1 | undefined)[]): Asn1 {
  return asn1.create(CONTEXT, tag, true, parts.filter(isPresent));
}

/** Whole seconds, UTC, always as GeneralizedTime, which OCSP has for every year [RFC 6960 §4.2.2.1]. */
export function generalizedTime(atMs: number): Asn1 {
  const text = new Date(atMs).toISOString().replace(/[-:T]|\.\d+/g, '');
  return asn1.create(UNIVERSAL, TAG.generalizedTime, false, text);
}

/** Whole seconds, UTC; UTCTime through 2049, GeneralizedTime from 2050 [RFC 5280 §4.1.2.5]. */
export function time(atMs: number): Asn1 {
  const text = new Date(atMs).toISOString().replace(/[-:T]|\.\d+/g, '');
  const year = Number(text.slice(0, 4));
  return year >= 1950 && year < 2050
    ? asn1.create(UNIVERSAL, TAG.utcTime, false, text.slice(2))
    : asn1.create(UNIVERSAL, TAG.generalizedTime, false, text);
}

export function isTag(element: Asn1 | undefined, type: number): element is Asn1 {
  return element !== undefined && element.tagClass === UNIVERSAL && element.type === type;
}

export function isContext(element: Asn1 | undefined, tag: number): element is Asn1 {
  return element !== undefined && element.tagClass === CONTEXT && element.type === tag;
}

/** The elements of a constructed value. */
export function elements(element: Asn1 | undefined, what: string): Asn1[] {
  if (element === undefined || !Array.isArray(element.value))
    throw new DerError(`${what} is not constructed`);
  return element.value;
}

export function sequenceElements(element: Asn1 | undefined, what: string): Asn1[] {
  if (!isTag(element, TAG.sequence)) throw new DerError(`${what} is not a SEQUENCE`);
  return elements(element, what);
}

/** The content octets of a primitive value of the given universal type. */
export function content(element: Asn1 | undefined, type: number, what: string): string {
  if (!isTag(element, type)) throw new DerError(`${what} is not of type ${type}`);
  return primitive(element, what);
}

/** The content octets of a primitive value of any type. */
export function primitive(element: Asn1, what: string): string {
  if (typeof element.value !== 'string') throw new DerError(`${what} is not primitive`);
  return element.value;
}

/** Lower-case hexadecimal of a positive integer, without its sign octet. */
export function positiveIntegerHex(element: Asn1 | undefined, what: string): string {
  const octetsOfIt = content(element, TAG.integer, what);
  if (octetsOfIt.length === 0 || octetsOfIt.charCodeAt(0) >= 0x80) {
    throw new DerError(`${what} is not a positive integer`);
  }
  return bytesOf(octetsOfIt.length > 1 ? octetsOfIt.replace(/^\0/, '') : octetsOfIt).toString('hex');
}

export function smallInteger(element: Asn1 | undefined, what: string): number {
  const hex = positiveIntegerHex(element, what);
  if (hex.length > 12) throw new DerError(`${what} is too large`);
  return Number.parseInt(hex, 16);
}

/** The octets of a bit string of whole octets, as keys and signatures are. */
export function wholeOctets(element: Asn1 | undefined, what: string): Buffer {
  const bits = content(element, TAG.bitString, what);
  if (bits.charCodeAt(0) !== 0) throw new DerError(`${what} is not of whole octets`);
  return bytesOf(bits.slice(1));
}

/** Milliseconds since the Unix epoch of a UTCTime or GeneralizedTime in the form of RFC 5280 §4.1.2.5. */
export function timeMs(element: Asn1 | undefined, what: string): number {
  const short = isTag(element, TAG.utcTime);
  if (!short && !isTag(element, TAG.generalizedTime)) throw new DerError(`${what} is not a time`);
  const text = primitive(element, what);
  const full = short ? `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}` : text;
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(full);
  if (parts === null) throw new DerError(`${what} is not written in seconds of UTC`);
  const [, year, month, day, hour, minute, second] = parts;
  const atMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  // February 30th: some engines roll it over.
  if (Number.isNaN(atMs) || new Date(atMs).getUTCDate() !== Number(day)) {
    throw new DerError(`${what} is no date`);
  }
  return atMs;
}

/**
 * The octets of the first element inside the outer one, as they came: what a signature covers. An element that was
 * decoded and encoded again would be the same only for DER.
 */
export function firstInside(der: Uint8Array): Buffer {
  const { start } = header(der, 0);
  const inner = header(der, start);
  return Buffer.from(der.buffer, der.byteOffset + start, inner.end - start);
}

function header(der: Uint8Array, at: number): { start: number; end: number } {
  const first = der[at + 1];
  if (first === undefined || first === 0x80) throw new DerError('no definite length');
  let start = at + 2;
  let length = first;
  if (first > 0x80) {
    const count = first & 0x7f;
    if (count > 4) throw new DerError('too long');
    length = 0;
    for (let index = 0; index < count; index += 1) length = length * 256 + (der[start + index] ?? 0);
    start += count;
  }
  const end = start + length;
  if (end > der.byteLength) throw new DerError('cut short');
  return { start, end };
}

function magnitudeOf(value: number): string {
  let left = value;
  let text = '';
  do {
    text = String.fromCharCode(left % 256) + text;
    left = Math.floor(left / 256);
  } while (left > 0);
  return text;
}

function isPresent(element: Asn1 | undefined): element is Asn1 {
  return element !== undefined;
}
