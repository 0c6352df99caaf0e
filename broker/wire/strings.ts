import { isUtf8 } from 'node:buffer';

/** A string or binary field: its first byte and the first behind it. */
export interface Field {
  readonly start: number;
  readonly end: number;
}

/** A field with a length of two bytes before it; `undefined` if it goes on beyond `limit`. */
export function readField(bytes: Buffer, start: number, limit: number): Field | undefined {
  if (start + 2 > limit) return undefined;
  const end = start + 2 + bytes.readUInt16BE(start);
  return end > limit ? undefined : { start: start + 2, end };
}

/** What is wrong with a string, or `undefined`. */
export function stringFault(bytes: Buffer, { start, end }: Field): string | undefined {
  let ascii = true;
  for (let index = start; index < end; index++) {
    const byte = bytes[index] ?? 0;
    if (byte === 0) return 'U+0000 in a string [MQTT-1.5.3-2]';
    if (byte > 0x7f) ascii = false;
  }
  if (!ascii && !isUtf8(bytes.subarray(start, end))) return 'a string that is not UTF-8 [MQTT-1.5.3-1]';
  return undefined;
}

const HASH = 0x23;
const PLUS = 0x2b;
const SLASH = 0x2f;

/** What is wrong with a topic name, or `undefined`. One pass: every publication comes by here. */
export function topicNameFault(bytes: Buffer, field: Field): string | undefined {
  const { start, end } = field;
  if (start === end) return 'an empty topic name [MQTT-4.7.3-1]';
  let ascii = true;
  for (let index = start; index < end; index++) {
    const byte = bytes[index] ?? 0;
    if (byte === HASH || byte === PLUS) return 'a wildcard in a topic name [MQTT-3.3.2-2]';
    if (byte === 0) return 'U+0000 in a string [MQTT-1.5.3-2]';
    if (byte > 0x7f) ascii = false;
  }
  return ascii ? undefined : stringFault(bytes, field);
}

/** What is wrong with a topic filter, or `undefined`. */
export function topicFilterFault(bytes: Buffer, field: Field): string | undefined {
  const { start, end } = field;
  if (start === end) return 'an empty topic filter [MQTT-4.7.3-1]';
  for (let index = start; index < end; index++) {
    const byte = bytes[index];
    if (byte !== HASH && byte !== PLUS) continue;
    const alone =
      (index === start || bytes[index - 1] === SLASH) && (index + 1 === end || bytes[index + 1] === SLASH);
    if (byte === PLUS && !alone) return '+ beside other characters of a level [MQTT-4.7.1-3]';
    if (byte === HASH && !(alone && index + 1 === end)) return '# that is not the last level [MQTT-4.7.1-2]';
  }
  return stringFault(bytes, field);
}
