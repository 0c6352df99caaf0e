import { type Composer, urnOf } from '../../../protocol/index.ts';
import type { Payload } from '../../format/adversary-actions/mqtt.ts';
import { type Command, commandBody } from '../../format/commands.ts';
import { durationMs } from '../../format/duration.ts';

/** A forger knows that pumps refuse what lives long. */
const COMMAND_LIFE_MS = 60_000;

/** The bytes that a payload stands for. */
export function payloadBytes(payload: Payload, composer: Composer, nowMs: number): string | Buffer {
  if ('text' in payload) return payload.text;
  if ('base64' in payload) return Buffer.from(payload.base64, 'base64');
  if ('command' in payload) return JSON.stringify(commandMessage(payload.command, composer, nowMs));
  const { type, from, to, expiresIn, body } = payload.message;
  const message = composer.compose(type, body, {
    ...(to && { to: urnOf(to) }),
    ...(expiresIn !== undefined && { expiresAtMs: nowMs + durationMs(expiresIn) }),
  });
  return JSON.stringify(from === undefined ? message : { ...message, from: urnOf(from) });
}

/** A command in its envelope, unsigned. */
export function commandMessage(command: Command, composer: Composer, nowMs: number) {
  return composer.compose('command', commandBody(command), {
    to: urnOf({ kind: 'pump', id: command.pump }),
    expiresAtMs: nowMs + COMMAND_LIFE_MS,
  });
}
