import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { followWall, HeapClock, seededRandom, unsettled } from '../../../clock/index.ts';
import { openPki } from '../../../pki/index.ts';
import { clientIdOf } from '../../../protocol/index.ts';
import { PumpServer } from '../../../pump-server/index.ts';
import { keepConnected } from '../../../simulator/transport/index.ts';
import { dialer } from '../../../testbed/dialer.ts';
import { loadShippedPostures } from '../../../testbed/index.ts';
import { HOST, SERVER } from '../../../testbed/testbed.ts';
import { figure } from '../figure.ts';
import { ask, ended, forkScript, startBroker } from './child-broker.ts';
import type { FleetReport } from './pumps-child.ts';

/** Descriptors that a process needs beside its connections. */
const SPARE_DESCRIPTORS = 200;
/** The goal for 10,000 pumps, in seconds. */
const CONNECTED_S = 120;
/** How often a long wait says how far it is. */
const PROGRESS_MS = 15_000;
/** A guard against hanging. */
const PATIENCE_MS = 600_000;

/**
 * Pumps over TLS, each with its own certificate: the broker in one process, the pumps in another, the pump server here. All connect,
 * telemetry flows for a while, each pump alarms again and again, and at the end each alarm has to be at the pump server.
 *
 * @returns whether none was lost
 */
export async function fleetOverTls(count: number, forS: number): Promise<boolean> {
  checkDescriptors(count);
  const dir = mkdtempSync(join(tmpdir(), 'pumprange-bench-'));
  const clock = new HeapClock(Date.now());
  const stopClock = followWall(clock);
  const closing: (() => Promise<void> | void)[] = [];
  try {
    const posture = loadShippedPostures().find(({ id }) => id === 'layered');
    if (posture === undefined) throw new Error('there is no posture layered');
    const pki = openPki({ dir: join(dir, 'pki'), clock });
    const broker = await startBroker('ours', dir);
    closing.push(broker.stop);
    const random = seededRandom(1);
    const endpoint = () => ({ host: HOST, port: broker.port, listener: 'tls' as const });
    const judge = pki.judge({ revocation: true });
    const server = new PumpServer({
      clock,
      identity: SERVER,
      bootId: 'boot-bench',
      evidence: () => undefined,
      connect: (handlers) =>
        keepConnected(
          dialer({ clock, settling: unsettled, judge, posture, endpoint }, pki.credentialFor(SERVER)),
          clock,
          random,
          { ...handlers, options: () => ({ clientId: clientIdOf(SERVER), keepAliveS: 180 }) },
        ),
    });
    server.start();
    closing.push(() => server.stop());
    const { child, first } = await forkScript<{ madeMs: number }>('pumps-child.ts', [
      dir,
      String(broker.port),
      String(count),
    ]);
    closing.push(() => ended(child));
    console.log(`${count} pumps with their certificates made in ${(first.madeMs / 1_000).toFixed(1)} s`);

    const idle = { broker: await broker.usage(), pumps: await ask<FleetReport>(child, 'report') };
    const startedAt = performance.now();
    await ask<FleetReport>(child, 'start');
    let toldAt = startedAt;
    await until(async () => {
      const { online } = await ask<FleetReport>(child, 'report');
      if (performance.now() - toldAt > PROGRESS_MS) {
        toldAt = performance.now();
        console.log(
          `${online} of ${count} pumps online after ${((toldAt - startedAt) / 1_000).toFixed(0)} s`,
        );
      }
      return online === count;
    }, 'all pumps online');
    const connectedS = (performance.now() - startedAt) / 1_000;
    const goal = `of the ${CONNECTED_S} s in which 10,000 are to be connected, statuses included`;
    figure(`${count} pumps connected over TLS`, connectedS, 's', CONNECTED_S, goal);

    const before = { broker: await broker.usage(), pumps: await ask<FleetReport>(child, 'alarm') };
    const flowingAt = performance.now();
    await new Promise((resolve) => setTimeout(resolve, forS * 1_000));
    const after = { broker: await broker.usage(), pumps: await ask<FleetReport>(child, 'quiet') };
    const flowedS = (performance.now() - flowingAt) / 1_000;
    const messages = after.broker.published - before.broker.published;
    const brokerShare = (after.broker.cpuUs - before.broker.cpuUs) / (flowedS * 1e6);
    const pumpShare = (after.pumps.cpuUs - before.pumps.cpuUs) / (flowedS * 1e6);
    const cores = `the broker on ${brokerShare.toFixed(2)} of a core, the pumps on ${pumpShare.toFixed(2)}`;
    figure(
      'messages of these pumps',
      messages / flowedS,
      'messages a s',
      count / 5,
      `${cores}; of telemetry alone`,
    );
    const perPumpKb = (side: 'broker' | 'pumps'): number => (after[side].rssKb - idle[side].rssKb) / count;
    figure(
      'memory a pump over TLS, broker',
      perPumpKb('broker'),
      'KB',
      perPumpKb('pumps'),
      'resident, beyond the idle process; of that of the pump, its TLS and its MQTT included',
    );

    // What is on its way has time to arrive; the last pumps cool down meanwhile.
    const here = (): Set<string> =>
      new Set(
        server
          .stored()
          .filter(({ stream }) => stream === 'alarm')
          .map(({ serial, seq }) => `${serial} ${seq}`),
      );
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    let missing: string[] = [];
    await until(async () => {
      const stored = here();
      missing = (await ask<string[]>(child, 'alarms')).filter((alarm) => !stored.has(alarm));
      return missing.length === 0;
    }, 'all alarms at the pump server').catch((error) => console.error(String(error)));
    const made = (await ask<FleetReport>(child, 'report')).alarms;
    const still = (await ask<FleetReport>(child, 'report')).online;
    figure(
      'alarms lost of these pumps',
      missing.length,
      'records',
      made,
      `of ${made}; ${still} pumps still online`,
    );
    return missing.length === 0 && made > 0;
  } finally {
    for (const close of closing.reverse()) await close();
    stopClock();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Node.js raises its own limit to the hard one when it starts; beyond that, only an administrator can. */
function checkDescriptors(count: number): void {
  const report: unknown = process.report.getReport();
  const limits =
    typeof report === 'object' && report !== null ? Reflect.get(report, 'userLimits') : undefined;
  const hard = Number(limits?.open_files?.hard ?? Number.POSITIVE_INFINITY);
  const needed = count + SPARE_DESCRIPTORS;
  if (hard >= needed) return;
  throw new Error(
    `${count} pumps take ${needed} open files a process, and the hard limit is ${hard}: raise it as root with ` +
      `\`prlimit --pid $$ --nofile=${needed}:${needed}\` in the shell from which you start this`,
  );
}

async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  const beganAt = performance.now();
  while (!(await holds())) {
    if (performance.now() - beganAt > PATIENCE_MS) throw new Error(`not reached: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
