import { isUtf8 } from 'node:buffer';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { z } from 'zod';
import {
  ackMessage,
  alarmMessage,
  artifactRequestMessage,
  ceilingReleaseMessage,
  commandMessage,
  configurationReleaseMessage,
  eventMessage,
  firmwareReleaseMessage,
  libraryReleaseMessage,
  orderMessage,
  type PumpTopic,
  parseUrn,
  patientMessage,
  receiptMessage,
  renewalMessage,
  statusMessage,
  type Topic,
  telemetryMessage,
} from '../../protocol/index.ts';

/** Topics whose payload is a JSON message, by the type that it bears. */
export type MessageType = PumpTopic | Exclude<Topic['kind'], 'pump' | 'artifact-chunk'>;

export const MESSAGE_SCHEMAS: Readonly<Record<MessageType, z.ZodType>> = {
  status: statusMessage,
  telemetry: telemetryMessage,
  alarm: alarmMessage,
  event: eventMessage,
  command: commandMessage,
  ack: ackMessage,
  patient: patientMessage,
  order: orderMessage,
  receipt: receiptMessage,
  renewal: renewalMessage,
  'ceiling-release': ceilingReleaseMessage,
  'library-release': libraryReleaseMessage,
  'configuration-release': configurationReleaseMessage,
  'firmware-release': firmwareReleaseMessage,
  'artifact-request': artifactRequestMessage,
};

/** The longest message that a receiver takes, in bytes; the same as `parseMessage` of `protocol`. */
const LARGEST_BYTES = 64 * 1_024;

// Formats are left to the patterns that Zod writes beside them.
const ajv = new Ajv2020({ strict: false, validateFormats: false });
const validators = new Map<MessageType, ValidateFunction>();

/** Compiled when first needed: about 20 ms for all of them. */
function validatorOf(type: MessageType): ValidateFunction {
  const known = validators.get(type);
  if (known !== undefined) return known;
  const validate = ajv.compile(z.toJSONSchema(MESSAGE_SCHEMAS[type]));
  validators.set(type, validate);
  return validate;
}

/** What is wrong with the bytes as a message of this type, or `undefined`. Why not by Zod itself: docs/decisions/0008. */
export function messageFault(type: MessageType, payload: Uint8Array): string | undefined {
  if (payload.length > LARGEST_BYTES) return `${payload.length} bytes are too many`;
  if (!isUtf8(payload)) return 'not UTF-8';
  let message: unknown;
  try {
    const bytes = Buffer.isBuffer(payload)
      ? payload
      : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    message = JSON.parse(bytes.toString());
  } catch {
    return 'not JSON';
  }
  const validate = validatorOf(type);
  if (!validate(message)) {
    const [error] = validate.errors ?? [];
    return `${error?.instancePath || 'message'} ${error?.message ?? 'does not fit'}`.slice(0, 200);
  }
  // The one check of the schemas that JSON Schema cannot say.
  if (typeof message !== 'object' || message === null) return undefined;
  if (isNoIdentity(Reflect.get(message, 'from'))) return '/from is no identity';
  if (isNoIdentity(Reflect.get(message, 'to'))) return '/to is no identity';
  return undefined;
}

const MOST_REMEMBERED = 20_000;
/** URNs that were taken apart and found whole: a pump says its own in every message. */
const knownUrns = new Set<string>();

function isNoIdentity(urn: unknown): boolean {
  if (typeof urn !== 'string' || knownUrns.has(urn)) return false;
  if (parseUrn(urn) === undefined) return true;
  // What nobody says any more makes room, and so does what an attacker makes up.
  if (knownUrns.size >= MOST_REMEMBERED) knownUrns.clear();
  knownUrns.add(urn);
  return false;
}
