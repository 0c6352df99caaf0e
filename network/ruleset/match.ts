import type ipaddr from 'ipaddr.js';
import type { IpVersion, TransportProtocol } from '../plan/policy.ts';
import { addressOf } from './address.ts';
import type { Expression } from './listing.ts';

/** A packet, as the router sees it: the first of a connection, or an answer in one. */
export interface Packet {
  /** Interfaces of the router. */
  readonly in: string;
  readonly out: string;
  readonly from: string;
  readonly to: string;
  readonly version: IpVersion;
  readonly protocol: TransportProtocol;
  /** To which it goes, and from which it comes; absent: a high one that nobody chose. */
  readonly port: number;
  readonly fromPort?: number;
  /** Of the connection; absent: this is its first packet. */
  readonly state?: 'established';
  readonly atMs: number;
}

/** What has no place in the little that is understood here. */
export class NotUnderstood extends Error {}

type Sets = (name: string) => readonly unknown[] | undefined;

/**
 * Whether a packet meets a match of nftables.
 *
 * @throws NotUnderstood
 */
export function meets(packet: Packet, match: unknown, sets: Sets): boolean {
  const { op, left, right } = fields(match);
  const actual = fieldOf(packet, left);
  // A field of the other version, or of another protocol: the rule is not about this packet.
  if (actual === undefined) return false;
  const is = hasValue(actual, right, sets);
  switch (op) {
    case '==':
    case 'in':
      return is;
    case '!=':
      return !is;
    case '<':
    case '>':
    case '<=':
    case '>=':
      return compare(actual, op, right);
    default:
      throw new NotUnderstood(`operator ${String(op)}`);
  }
}

/** The element of a verdict map that a packet meets, such as `{ "jump": { "target": "pumps" } }`. */
export function mapped(
  packet: Packet,
  { key, data }: { key?: unknown; data?: unknown },
  sets: Sets,
): Expression | undefined {
  const actual = fieldOf(packet, key);
  if (actual === undefined) return undefined;
  for (const element of elementsOf(data, sets)) {
    if (!Array.isArray(element)) throw new NotUnderstood('an element of a map');
    const [value, verdict] = element;
    if (hasValue(actual, value, sets)) return fields(verdict);
  }
  return undefined;
}

/** A port of those that systems hand out. */
export const EPHEMERAL = 49_152;

type Value = string | number | readonly Value[];

/** @returns `undefined` where the packet has no such field */
function fieldOf(packet: Packet, left: unknown): Value | undefined {
  const { meta, payload, ct, concat } = fields(left);
  if (Array.isArray(concat)) {
    const parts = concat.map((part) => fieldOf(packet, part));
    return parts.some((part) => part === undefined) ? undefined : (parts as Value[]);
  }
  if (meta !== undefined) return metaOf(packet, fields(meta)['key']);
  if (ct !== undefined) {
    if (fields(ct)['key'] === 'state') return packet.state ?? 'new';
    throw new NotUnderstood(`ct ${String(fields(ct)['key'])}`);
  }
  if (payload !== undefined) return payloadOf(packet, fields(payload));
  const masked = fields(left)['&'];
  if (Array.isArray(masked)) {
    const [field, mask] = masked;
    const { protocol, field: name } = fields(fields(field)['payload']);
    // The first packet of a connection has SYN alone; of an answer, ACK is what rules ask for.
    if (protocol === 'tcp' && name === 'flags') {
      if (packet.protocol !== 'tcp') return undefined;
      const set = packet.state === undefined ? 'syn' : 'ack';
      return [mask].flat().includes(set) ? set : 0;
    }
  }
  throw new NotUnderstood(JSON.stringify(left));
}

function metaOf({ in: from, out, version, protocol, atMs }: Packet, key: unknown): Value {
  switch (key) {
    case 'iifname':
    case 'iif':
      return from;
    case 'oifname':
    case 'oif':
      return out;
    case 'nfproto':
      return version;
    case 'protocol':
      return version === 'ipv4' ? 'ip' : 'ip6';
    case 'l4proto':
      return protocol;
    case 'time':
      return new Date(atMs).toISOString().slice(0, 19).replace('T', ' ');
    default:
      throw new NotUnderstood(`meta ${String(key)}`);
  }
}

function payloadOf(
  { from, to, version, protocol, port, fromPort = EPHEMERAL, state }: Packet,
  field: Record<string, unknown>,
): Value | undefined {
  const name = `${String(field['protocol'])} ${String(field['field'])}`;
  switch (name) {
    case 'ip saddr':
      return version === 'ipv4' ? from : undefined;
    case 'ip daddr':
      return version === 'ipv4' ? to : undefined;
    case 'ip6 saddr':
      return version === 'ipv6' ? from : undefined;
    case 'ip6 daddr':
      return version === 'ipv6' ? to : undefined;
    case 'ip protocol':
      return version === 'ipv4' ? protocol : undefined;
    case 'ip6 nexthdr':
      return version === 'ipv6' ? protocol : undefined;
    case 'tcp dport':
    case 'udp dport':
      return name.startsWith(protocol) ? port : undefined;
    case 'tcp sport':
    case 'udp sport':
      return name.startsWith(protocol) ? fromPort : undefined;
    case 'th dport':
      return port;
    case 'th sport':
      return fromPort;
    case 'tcp flags':
      return protocol === 'tcp' ? (state === undefined ? 'syn' : 'ack') : undefined;
    case 'icmp type':
    case 'icmpv6 type':
      return undefined;
    default:
      throw new NotUnderstood(name);
  }
}

function hasValue(actual: Value, right: unknown, sets: Sets): boolean {
  if (typeof right === 'string' && right.startsWith('@')) {
    return elementsOf(right, sets).some((one) => hasValue(actual, one, sets));
  }
  if (Array.isArray(right)) return right.some((one) => hasValue(actual, one, sets));
  if (typeof right === 'object' && right !== null) {
    const { set, range, prefix, concat, elem } = fields(right);
    if (set !== undefined) return elementsOf(right, sets).some((one) => hasValue(actual, one, sets));
    if (Array.isArray(range)) return compare(actual, '>=', range[0]) && compare(actual, '<=', range[1]);
    if (prefix !== undefined) return isInPrefix(actual, fields(prefix));
    if (elem !== undefined) return hasValue(actual, fields(elem)['val'], sets);
    if (Array.isArray(concat)) {
      return Array.isArray(actual) && concat.every((one, at) => hasValue(actual[at] ?? '', one, sets));
    }
    throw new NotUnderstood(JSON.stringify(right));
  }
  if (right === '*') return true;
  if (typeof right === 'string' && right.endsWith('*')) return String(actual).startsWith(right.slice(0, -1));
  if (actual === right || String(actual) === String(right)) return true;
  const address = addressOf(actual);
  return address !== undefined && address.canonical === addressOf(right)?.canonical;
}

function elementsOf(data: unknown, sets: Sets): readonly unknown[] {
  if (typeof data === 'string' && data.startsWith('@')) {
    const elements = sets(data.slice(1));
    if (elements === undefined) throw new NotUnderstood(`set ${data}`);
    return elements;
  }
  const { set } = fields(data);
  return Array.isArray(set) ? set : [set];
}

function isInPrefix(actual: Value, { addr, len }: Record<string, unknown>): boolean {
  const [one, network] = [addressOf(actual)?.parsed, addressOf(addr)?.parsed];
  if (one === undefined || network === undefined || typeof len !== 'number')
    throw new NotUnderstood('a prefix');
  return one.kind() === network.kind() && one.match([network, len] as [ipaddr.IPv4, number]);
}

function compare(actual: Value, op: '<' | '>' | '<=' | '>=', right: unknown): boolean {
  const [one, other] = [actual, right].map(orderOf);
  if (one === undefined || other === undefined) throw new NotUnderstood(`${op} ${JSON.stringify(right)}`);
  if (op === '<') return one < other;
  if (op === '>') return one > other;
  return op === '<=' ? one <= other : one >= other;
}

/** Numbers, dates and addresses, so that their order is that of text. */
function orderOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value).padStart(12, '0');
  return addressOf(value)?.order ?? (typeof value === 'string' ? value : undefined);
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
