import {
  type Cell,
  holdSessions,
  type NetworkDiff,
  type Probers,
  SAID,
  type Source,
} from '../network/index.ts';
import type { Lab } from '../network/lab/index.ts';

export type IdleTrial = NonNullable<NetworkDiff['idle']>;

/** What a pump promises its broker: see `simulator/shell/communications.ts`. */
const KEEP_ALIVE_MS = 180_000;
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
  const scaledBy = Math.max(1, KEEP_ALIVE_MS / LONGEST_WAIT_MS);
  const seconds = Math.max(1, Math.round(idleTimeoutMs / scaledBy / 1_000));
  const way = cells.filter(
    ({ from, to, service, ipVersion }) =>
      from.startsWith('pump/') && to === 'broker' && service === 'mqtt-tls' && ipVersion === 'ipv4',
  );
  await lab.forgetIdle(seconds);
  const [session] = await holdSessions(way.slice(0, 1), sources, probers.of);
  const told = { idleTimeoutS: idleTimeoutMs / 1_000, keepAliveS: KEEP_ALIVE_MS / 1_000, scaledBy };
  if (session === undefined) return { ...told, outcome: 'ended' };
  await new Promise((resolve) => setTimeout(resolve, KEEP_ALIVE_MS / scaledBy));
  const { outcome } = await probers.of(session.source).ask({
    ...{ kind: 'session', step: 'ask', name: session.name, to: session.cell.address, port: 8883 },
  });
  return { ...told, outcome: SAID[outcome] };
}
