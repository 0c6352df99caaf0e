import ipaddr from 'ipaddr.js';

/** An address as it is compared. */
export interface ParsedAddress {
  readonly parsed: ipaddr.IPv4 | ipaddr.IPv6;
  readonly canonical: string;
  /** Of the same length for all of one version, so that its order is that of the addresses. */
  readonly order: string;
}

const MOST_REMEMBERED = 20_000;
const remembered = new Map<string, ParsedAddress | undefined>();

/** @returns `undefined` for what is no address. The same few are asked for again and again, so they are remembered. */
export function addressOf(text: unknown): ParsedAddress | undefined {
  if (typeof text !== 'string' || !/[.:]/.test(text)) return undefined;
  if (remembered.has(text)) return remembered.get(text);
  if (remembered.size >= MOST_REMEMBERED) remembered.clear();
  const found = parse(text);
  remembered.set(text, found);
  return found;
}

function parse(text: string): ParsedAddress | undefined {
  if (!ipaddr.isValid(text)) return undefined;
  const parsed = ipaddr.parse(text);
  const order = parsed
    .toByteArray()
    .map((byte) => String(byte).padStart(3, '0'))
    .join('.');
  return { parsed, canonical: parsed.toString(), order };
}
