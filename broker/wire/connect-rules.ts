import type { Frame } from './framing.ts';
import { readField, stringFault, topicNameFault } from './strings.ts';
import type { Violation } from './violation.ts';

const USER_NAME = 0x80;
const PASSWORD = 0x40;
const WILL_RETAIN = 0x20;
const WILL_QOS = 0x18;
const WILL = 0x04;
const CLEAN = 0x02;
const RESERVED = 0x01;

/** A server may allow more than 23 bytes [MQTT-3.1.3-5]. Client ids go into each entry of the evidence, and into the store. */
const LONGEST_CLIENT_ID_BYTES = 128;

const malformed = (fault: string): Violation => ({ fault });

/** What is wrong with a CONNECT, or `undefined` [MQTT 3.1]. */
export function connectViolation(bytes: Buffer, { bodyStart, end }: Frame): Violation | undefined {
  const name = readField(bytes, bodyStart, end);
  if (name === undefined || name.end + 4 > end) return malformed('a CONNECT that ends too early');
  const protocol = bytes.toString('latin1', name.start, name.end);
  const level = bytes[name.end] ?? 0;
  // MQTT 3.1 calls itself MQIsdp; it is a version that we do not speak, not another protocol.
  if (protocol !== 'MQTT' && protocol !== 'MQIsdp')
    return malformed('another protocol than MQTT [MQTT-3.1.2-1]');
  if (protocol !== 'MQTT' || level !== 4) {
    return { fault: `protocol level ${level} [MQTT-3.1.2-2]`, returnCode: 1 };
  }
  const flags = bytes[name.end + 1] ?? 0;
  const flagFault = connectFlagFault(flags);
  if (flagFault !== undefined) return malformed(flagFault);

  const clientId = readField(bytes, name.end + 4, end);
  if (clientId === undefined) return malformed('a CONNECT without a client id [MQTT-3.1.3-3]');
  const idFault = stringFault(bytes, clientId);
  if (idFault !== undefined) return malformed(idFault);
  const idBytes = clientId.end - clientId.start;
  if (idBytes > LONGEST_CLIENT_ID_BYTES) {
    const fault = `a client id of ${idBytes} bytes, more than ${LONGEST_CLIENT_ID_BYTES} [MQTT-3.1.3-9]`;
    return { fault, returnCode: 2 };
  }
  if (clientId.start === clientId.end && (flags & CLEAN) === 0) {
    // [MQTT-3.1.3-7]: no name and no clean session do not go together.
    return { fault: 'an empty client id needs a clean session [MQTT-3.1.3-8]', returnCode: 2 };
  }
  let at = clientId.end;
  const next = (): ReturnType<typeof readField> => {
    const field = readField(bytes, at, end);
    if (field !== undefined) at = field.end;
    return field;
  };
  if ((flags & WILL) !== 0) {
    const topic = next();
    const fault = topic && topicNameFault(bytes, topic);
    if (fault !== undefined) return malformed(`will: ${fault}`);
    if (next() === undefined) return malformed('a will that ends too early');
  }
  if ((flags & USER_NAME) !== 0) {
    const user = next();
    const fault = user === undefined ? 'a user name that ends too early' : stringFault(bytes, user);
    if (fault !== undefined) return malformed(fault);
  }
  if ((flags & PASSWORD) !== 0 && next() === undefined) return malformed('a password that ends too early');
  return at === end ? undefined : malformed('bytes behind the last field of CONNECT');
}

function connectFlagFault(flags: number): string | undefined {
  if ((flags & RESERVED) !== 0) return 'the reserved flag of CONNECT [MQTT-3.1.2-3]';
  if ((flags & WILL_QOS) === WILL_QOS) return 'a will of QoS 3 [MQTT-3.1.2-14]';
  if ((flags & WILL) === 0 && (flags & (WILL_QOS | WILL_RETAIN)) !== 0) {
    return 'flags of a will without a will [MQTT-3.1.2-13], [MQTT-3.1.2-15]';
  }
  if ((flags & USER_NAME) === 0 && (flags & PASSWORD) !== 0)
    return 'a password without a user name [MQTT-3.1.2-22]';
  return undefined;
}
