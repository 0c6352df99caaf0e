import { join } from 'node:path';
import { seededRandom } from '../clock/index.ts';
import { PumprangeError } from '../protocol/index.ts';
import type { ControlMethods } from './control-port.ts';
import type { WardData } from './data.ts';
import { earlyEvidence } from './early-evidence.ts';
import { openEvidenceFile } from './evidence-file.ts';
import { type GroundOptions, orClose, wallAndPki } from './ground.ts';
import { startMosquittoBroker } from './mosquitto-broker.ts';
import { type OperationsOptions, openOperations } from './operations.ts';
import { SERVER } from './testbed.ts';
import { wardPumps } from './ward-pumps.ts';

export interface MosquittoComponentOptions extends GroundOptions {
  readonly data: WardData;
  readonly pumps: number;
  readonly redis?: string;
  readonly operations?: OperationsOptions;
}

/** How often it looks for who was issued to and revoked by other processes. */
const LOOK_MS = 500;

/**
 * A Mosquitto as the broker of components that run as processes of their own. It knows the pumps of a fleet of `pumps` from the start, and
 * others once they hold certificates.
 *
 * @throws PumprangeError `PR_USAGE` for what only our own broker has; `PR_BROKER_…`, `PR_PORT_…`
 */
export async function startMosquittoComponent(options: MosquittoComponentOptions) {
  if (options.standing !== undefined) {
    throw new PumprangeError(
      'PR_USAGE',
      'Mosquitto stands on loopback alone: --address is of our own broker',
    );
  }
  if (options.redis !== undefined || options.operations?.metricsPort !== undefined) {
    throw new PumprangeError('PR_USAGE', 'Mosquitto shares nothing through Redis, and serves no metrics');
  }
  const { posture, dir } = options;
  const early = earlyEvidence();
  const { clock, stopClock, pki } = wallAndPki(dir, early.record);
  const { evidence, operations } = await orClose(
    async () => stopClock(),
    async () => ({
      evidence: openEvidenceFile({ dir, clock, pki, controls: posture.controls }),
      operations: openOperations('broker', clock, options.operations),
    }),
  );
  const close = async (): Promise<void> => {
    await operations.close();
    evidence.close();
    stopClock();
  };
  const record = operations.tee(evidence.record);
  early.flowTo(record);
  const pumps = wardPumps(options.pumps, options.data);
  const broker = await startMosquittoBroker(
    {
      ...{ clock, pki, posture, evidence: record },
      random: seededRandom(options.seed),
      out: join(options.dir, 'mosquitto'),
      nowMs: () => clock.now(),
      expected: [SERVER, ...pumps.map(({ serial }) => ({ kind: 'pump', id: serial }) as const)],
    },
    { tls: options.port },
  ).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  const watch = (): void => {
    void broker.takeUpChanges?.();
    timer = clock.after(LOOK_MS, watch);
  };
  let timer = clock.after(LOOK_MS, watch);
  const methods: ControlMethods = { status: () => broker.counts(), evidence: () => evidence.events() };
  return {
    ready: { component: 'broker', port: broker.port, plaintextPort: broker.plaintextPort ?? null },
    methods,
    stop: async (): Promise<void> => {
      timer.cancel();
      await broker.stop();
      await close();
    },
  };
}
