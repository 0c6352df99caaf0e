import {
  askSessions,
  type Cell,
  holdSessions,
  type NetworkDiff,
  type Probers,
  type Source,
} from '../network/index.ts';
import type { Lab } from '../network/lab/index.ts';
import { KEEP_ALIVE_S } from '../simulator/shell/index.ts';

export type IdleTrial = NonNullable<NetworkDiff['idle']>;

/** As long as a trial may take; real time is divided for it. */
const LONGEST_WAIT_MS = 4_000;

interface IdleGround {
  readonly idleTimeoutMs: number;
  readonly cells: readonly Cell[];
  readonly sources: readonly Source[];
  readonly probers: Probers;
}

/**
 * Holds a session from a pump to the broker for as long as a pump may say nothing, on a firewall that forgets idle sessions, and then speaks.
 * Both times are divided by the same number, since nobody waits three minutes for it.
 */
export async function tryIdle(lab: Lab, ground: IdleGround): Promise<IdleTrial> {
  const { idleTimeoutMs, cells, sources, probers } = ground;
  const scaledBy = Math.max(1, (KEEP_ALIVE_S * 1_000) / LONGEST_WAIT_MS);
  const seconds = Math.max(1, Math.round(idleTimeoutMs / scaledBy / 1_000));
  const way = cells.filter(
    ({ from, to, service, ipVersion }) =>
      from.startsWith('pump/') && to === 'broker' && service === 'mqtt-tls' && ipVersion === 'ipv4',
  );
  await lab.forgetIdle(seconds);
  const held = await holdSessions(way.slice(0, 1), sources, probers.of);
  await new Promise((resolve) => setTimeout(resolve, (KEEP_ALIVE_S * 1_000) / scaledBy));
  const [asked] = await askSessions(held, probers.of);
  return {
    ...{ idleTimeoutS: idleTimeoutMs / 1_000, keepAliveS: KEEP_ALIVE_S, scaledBy },
    outcome: asked?.outcome ?? 'ended',
  };
}
