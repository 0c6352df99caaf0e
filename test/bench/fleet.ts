import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createActor, createMachine } from 'xstate';
import { HeapClock } from '../../clock/index.ts';
import type { Link } from '../../protocol/index.ts';
import { MemoryBroker } from '../../simulator/transport/index.ts';
import { buildFleet, type Fleet, makePump } from '../helpers/fleet.ts';
import { figure } from './figure.ts';

const MINUTE_MS = 60_000;
const SHIFT_H = 8;
const SEED = 4;

/** As little as an XState machine can be: what our own costs beyond this is ours. */
const twoStates = createMachine({
  initial: 'a',
  states: { a: { on: { go: 'b' } }, b: { on: { go: 'a' } } },
});

const collectGarbage = ((): (() => void) => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc');
})();

function heapKb(): number {
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().heapUsed / 1_024;
}

/** What ran, in seconds of all pumps together, and how long it took. */
async function timed(fleet: Fleet, forMs: number): Promise<{ pumpS: number; wallMs: number }> {
  const startedAt = performance.now();
  await fleet.run(forMs);
  const wallMs = performance.now() - startedAt;
  return { pumpS: (fleet.members.length * forMs) / 1_000, wallMs };
}

/** A ward of many pumps over a shift, with telemetry, against nothing but the events that its machines work on. */
export async function fleetSpeed(isShort: boolean): Promise<void> {
  const count = isShort ? 100 : 1_000;
  const emptyKb = heapKb();
  const fleet = buildFleet({ count, seed: SEED });
  await fleet.start();
  const startKb = heapKb() - emptyKb;
  const { pumpS, wallMs } = await timed(fleet, SHIFT_H * 60 * MINUTE_MS);
  const sends = fleet.members.reduce((sum, { pump }) => sum + pump.sends, 0);
  const endKb = heapKb() - emptyKb;
  fleet.stop();
  const actor = createActor(twoStates);
  actor.start();
  const startedAt = performance.now();
  for (let send = 0; send < sends; send++) actor.send({ type: 'go' });
  const bareMs = performance.now() - startedAt;
  figure(
    'fleet speed',
    (pumpS / wallMs) * 1_000,
    'pump-s per s',
    (pumpS / bareMs) * 1_000,
    `${count} pumps, ${SHIFT_H} h in ${(wallMs / 1_000).toFixed(1)} s, in memory, telemetry each 10 s; against ${sends} bare sends`,
  );
  const note =
    'with its session, the flow record and its part of the intent ledger; against the start of the shift';
  figure('heap a pump after a shift', endKb / count, 'KB', startKb / count, note);
}

/** The memory of a pump that is online, beyond a session of the same transport, against a bare actor. */
export async function heapAPump(isShort: boolean): Promise<void> {
  const count = isShort ? 300 : 2_000;
  const broker = new MemoryBroker();
  const emptyKb = heapKb();
  const sessions: Link[] = [];
  for (let index = 0; index < count; index++) sessions.push(await bareSession(broker, index));
  const sessionKb = (heapKb() - emptyKb) / count;
  const actors = Array.from({ length: count }, () => createActor(twoStates).start());
  const actorKb = (heapKb() - emptyKb) / count - sessionKb;
  const beforeKb = heapKb();
  const fleet = buildFleet({ count, seed: SEED });
  await fleet.start();
  const pumpKb = (heapKb() - beforeKb) / count - sessionKb;
  figure(
    'heap a pump',
    pumpKb,
    'KB',
    actorKb,
    `beyond its session (${sessionKb.toFixed(1)} KB); with shell and bed, just connected; against a bare actor`,
  );
  fleet.stop();
  for (const actor of actors) actor.stop();
  for (const session of sessions) session.end();
}

/** Opens what a pump opens: one session, four filters, one retained status. */
async function bareSession(broker: MemoryBroker, index: number): Promise<Link> {
  const serial = makeSerial(index);
  const link = await broker.dial(
    { clientId: `pump:${serial}`, keepAliveS: 0 },
    { message: () => undefined, closed: () => undefined },
  );
  for (const topic of ['command', 'receipt', 'order', 'patient']) {
    void link.subscribe(`pumps/${serial}/${topic}`, 1);
  }
  void link.publish(`pumps/${serial}/status`, 'x'.repeat(800), { qos: 0, retain: true });
  return link;
}

function makeSerial(index: number): string {
  return `BEN-${String(index).padStart(6, '0')}`;
}

/** Making pumps, against making bare actors. */
export function createPumps(): void {
  const count = 10_000;
  const clock = new HeapClock(0);
  let startedAt = performance.now();
  const pumps = Array.from({ length: count }, (_, index) => makePump(clock, SEED, index));
  const pumpsMs = performance.now() - startedAt;
  startedAt = performance.now();
  const actors = Array.from({ length: count }, () => createActor(twoStates).start());
  const actorsMs = performance.now() - startedAt;
  figure('create 10,000 pumps', pumpsMs, 'ms', actorsMs, 'against 10,000 bare actors');
  for (const pump of pumps) pump.dispose();
  for (const actor of actors) actor.stop();
}

const SIZES = [100, 1_000, 5_000, 20_000] as const;

/** Whether a pump costs more the more there are: the first minutes of a shift, which are its busiest. */
export async function fleetCurve(isShort: boolean): Promise<void> {
  const forMs = (isShort ? 1.5 : 10) * MINUTE_MS;
  const costs = new Map<number, number>();
  for (const size of SIZES) {
    let wallMs = 0;
    let pumpS = 0;
    // Small fleets run several times, so that each size is measured over enough work.
    for (let seed = 0; seed < Math.max(1, 2_000 / size); seed++) {
      const fleet = buildFleet({ count: size, seed });
      await fleet.start();
      const one = await timed(fleet, forMs);
      fleet.stop();
      wallMs += one.wallMs;
      pumpS += one.pumpS;
    }
    costs.set(size, (wallMs * 1e6) / pumpS);
  }
  const smallest = costs.get(SIZES[0]) ?? Number.NaN;
  for (const [size, ns] of costs) {
    figure(
      `cost with ${size} pumps`,
      ns,
      'ns a pump-s',
      smallest,
      `${forMs / MINUTE_MS} min, in memory; against 100`,
    );
  }
}
