import { connectViolation } from './connect-rules.ts';
import { type Frame, PACKET, packetName } from './framing.ts';
import { readField, stringFault, topicFilterFault, topicNameFault } from './strings.ts';
import type { Violation } from './violation.ts';

/** Flags that a packet type must have [MQTT-2.2.2-1]; PUBLISH has meanings of its own for them. */
const FLAGS = new Map<number, number>([
  [PACKET.connect, 0],
  [PACKET.puback, 0],
  [PACKET.pubrec, 0],
  [PACKET.pubrel, 2],
  [PACKET.pubcomp, 0],
  [PACKET.subscribe, 2],
  [PACKET.unsubscribe, 2],
  [PACKET.pingreq, 0],
  [PACKET.disconnect, 0],
]);

/** What the first byte of a packet from a client does wrong, or `undefined`. */
export function headerFault(type: number, flags: number): string | undefined {
  if (type === PACKET.publish) {
    const qos = (flags >> 1) & 3;
    if (qos === 3) return 'QoS 3 [MQTT-3.3.1-4]';
    return qos === 0 && (flags & 8) !== 0 ? 'DUP with QoS 0 [MQTT-3.3.1-2]' : undefined;
  }
  const wanted = FLAGS.get(type);
  if (wanted === undefined) return `a client does not send ${packetName(type)} [MQTT 2.2.1]`;
  return flags === wanted ? undefined : `reserved flags of ${packetName(type)} [MQTT-2.2.2-2]`;
}

/**
 * What a whole packet from a client does wrong behind its first byte by MQTT 3.1.1, or `undefined`. A pure function of its bytes; whether its
 * sender may say it is the policy's. Aedes' parser lets through what is checked here beyond the framing.
 */
export function violationOf(bytes: Buffer, frame: Frame): Violation | undefined {
  if (frame.type === PACKET.connect) return connectViolation(bytes, frame);
  const fault = faultOf(bytes, frame);
  return fault === undefined ? undefined : { fault };
}

function faultOf(bytes: Buffer, frame: Frame): string | undefined {
  const { type, bodyStart, end } = frame;
  switch (type) {
    case PACKET.publish:
      return publishFault(bytes, frame);
    case PACKET.pingreq:
    case PACKET.disconnect:
      return end === bodyStart ? undefined : `${packetName(type)} with a body`;
    case PACKET.subscribe:
      return filtersFault(bytes, frame, 1);
    case PACKET.unsubscribe:
      return filtersFault(bytes, frame, 0);
    default:
      if (end - bodyStart !== 2) return `${packetName(type)} that is not four bytes long`;
      return idFault(bytes, bodyStart);
  }
}

function publishFault(bytes: Buffer, { flags, bodyStart, end }: Frame): string | undefined {
  const topic = readField(bytes, bodyStart, end);
  if (topic === undefined) return 'a PUBLISH that ends within its topic';
  const fault = topicNameFault(bytes, topic);
  if (fault !== undefined || (flags & 6) === 0) return fault;
  return topic.end + 2 > end ? 'a PUBLISH without a packet identifier' : idFault(bytes, topic.end);
}

/** The filters of SUBSCRIBE (`optionBytes` 1) and UNSUBSCRIBE (0). */
function filtersFault(bytes: Buffer, { bodyStart, end }: Frame, optionBytes: 0 | 1): string | undefined {
  if (bodyStart + 2 > end) return 'no packet identifier [MQTT-2.3.1-1]';
  const id = idFault(bytes, bodyStart);
  if (id !== undefined) return id;
  let at = bodyStart + 2;
  if (at === end) return 'no topic filter [MQTT-3.8.3-3], [MQTT-3.10.3-2]';
  while (at < end) {
    const filter = readField(bytes, at, end);
    if (filter === undefined || filter.end + optionBytes > end) return 'a topic filter that ends too early';
    // What is no filter can have been subscribed to by nobody; taking it back is harmless if it is a string.
    const fault = optionBytes === 1 ? topicFilterFault(bytes, filter) : stringFault(bytes, filter);
    if (fault !== undefined) return fault;
    if (optionBytes === 1 && (bytes[filter.end] ?? 0) > 2) return 'a requested QoS above 2 [MQTT-3.8.3-4]';
    at = filter.end + optionBytes;
  }
  return undefined;
}

/** How many filters are in a SUBSCRIBE that is correct. */
export function filterCount(bytes: Buffer, { bodyStart, end }: Frame): number {
  let count = 0;
  for (let at = bodyStart + 2; at < end; at += 2 + bytes.readUInt16BE(at) + 1) count += 1;
  return count;
}

function idFault(bytes: Buffer, at: number): string | undefined {
  return bytes.readUInt16BE(at) === 0 ? 'packet identifier 0 [MQTT-2.3.1-1]' : undefined;
}
