import type { Socket } from 'node:net';
import { DialRefusedError } from '../../../protocol/index.ts';
import type { AttackGround } from '../../engine/port.ts';
import type { ActionOf } from '../../format/actions.ts';
import { guisesOf } from '../mqtt/guise.ts';

/** As whom somebody comes, and where. */
export type Peer = Pick<ActionOf<'open-connections'>, 'as' | 'listener'>;

/**
 * A connection to the broker, on the first listener that lets it in: with a certificate TLS is tried first, without one plaintext.
 *
 * @param silent nothing will be said, not even for a handshake
 * @returns why there is none, in words
 */
export async function arrive(
  ground: AttackGround,
  { as, listener }: Peer,
  silent = false,
): Promise<Socket | string> {
  const credential = await ground.credential(as);
  const order =
    listener !== 'any'
      ? [listener]
      : credential === undefined
        ? (['plaintext', 'tls'] as const)
        : (['tls', 'plaintext'] as const);
  let why = 'no such listener is open';
  for (const over of order) {
    const endpoint = ground.endpoint({ service: 'broker', listener: over });
    if (endpoint === undefined) continue;
    try {
      if (silent) return await ground.open({ ...endpoint, over: 'plaintext', silent });
      return await ground.open({ ...endpoint, over, credential });
    } catch (error) {
      if (!(error instanceof DialRefusedError)) throw error;
      why = `${over}: the connection was refused`;
    }
  }
  return why;
}

/** Client id of one of many sessions: behind the own name, as kinds that watch may have it. */
export function nameOf({ as }: Peer, number: number): string {
  const own = guisesOf(as)[0].clientId;
  return number === 0 ? own : `${own}/${number}`;
}
