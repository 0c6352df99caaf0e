/** Where one control packet lies in a buffer. */
export interface Frame {
  /** Control packet type, bits 7–4 of the first byte [MQTT 2.2.1]. */
  readonly type: number;
  /** Bits 3–0 of the first byte [MQTT 2.2.2]. */
  readonly flags: number;
  readonly bodyStart: number;
  /** The first byte behind the packet. */
  readonly end: number;
}

/** The fixed header at `start`: `incomplete` if it goes on beyond the buffer, `malformed` if no packet begins so. */
export function readFrame(bytes: Uint8Array, start: number): Frame | 'incomplete' | 'malformed' {
  const first = bytes[start];
  if (first === undefined) return 'incomplete';
  let length = 0;
  for (let index = 0; index < 4; index++) {
    const byte = bytes[start + 1 + index];
    if (byte === undefined) return 'incomplete';
    length += (byte & 0x7f) << (7 * index);
    if ((byte & 0x80) === 0) {
      const bodyStart = start + 2 + index;
      return { type: first >> 4, flags: first & 0x0f, bodyStart, end: bodyStart + length };
    }
  }
  // [MQTT 2.2.3]: the remaining length has four bytes at most.
  return 'malformed';
}

export const PACKET = {
  connect: 1,
  connack: 2,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  subscribe: 8,
  suback: 9,
  unsubscribe: 10,
  unsuback: 11,
  pingreq: 12,
  pingresp: 13,
  disconnect: 14,
} as const;

const NAMES = new Map(Object.entries(PACKET).map(([name, type]) => [type as number, name.toUpperCase()]));

/** The name of a packet type as the specification has it. */
export function packetName(type: number): string {
  return NAMES.get(type) ?? `packet of the reserved type ${type}`;
}

/** How many of these whole packets the receiver has to acknowledge: PUBLISH with QoS 1 or 2 [MQTT 4.3]. */
export function acknowledgedLater(packets: Uint8Array): number {
  let count = 0;
  for (let at = 0; at < packets.length; ) {
    const frame = readFrame(packets, at);
    if (typeof frame === 'string') break;
    if (frame.type === PACKET.publish && (frame.flags & 6) !== 0) count += 1;
    at = frame.end;
  }
  return count;
}
