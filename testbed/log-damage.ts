import type { LogRecord } from '../simulator/shell/index.ts';

interface StoredMessage {
  readonly seq: number;
  readonly message: { readonly body: object };
}

/**
 * What became of a pump's records: lost are those that neither the pump nor the server has, altered those that say there what the pump
 * never wrote.
 *
 * @param made as the pump made them, in order
 * @param held what is in its log now
 * @param stored what the server has of this pump
 */
export function logDamage(
  made: readonly LogRecord[],
  held: readonly LogRecord[],
  stored: readonly StoredMessage[],
): { readonly lost: number; readonly altered: number } {
  const atServer = new Map(stored.map(({ seq, message }) => [seq, message.body]));
  const atPump = new Map(held.map((record) => [record.seq, record.body]));
  let lost = 0;
  let altered = 0;
  for (const { seq, body } of made) {
    const copies = [atServer.get(seq), atPump.get(seq)].filter((copy) => copy !== undefined);
    if (copies.length === 0) lost += 1;
    else if (copies.some((copy) => nameOf(copy) !== nameOf(body))) altered += 1;
  }
  return { lost, altered };
}

/** What happened, by its name: what else a record says is struck out with it. */
function nameOf(body: object): unknown {
  return 'event' in body ? body.event : 'alarm' in body ? body.alarm : undefined;
}
