import { join } from 'node:path';
import { Broker } from '../broker/index.ts';
import { urnOf } from '../protocol/index.ts';
import type { Component, ComponentOptions } from './component.ts';
import { earlyEvidence } from './early-evidence.ts';
import { openEvidenceFile } from './evidence-file.ts';
import { ground, listeningAt, orClose, wallAndPki } from './ground.ts';
import { openOperations } from './operations.ts';

/** The broker as a process of its own. */
export async function startBroker(options: ComponentOptions): Promise<Component> {
  const { node, redis, posture } = options;
  const { controls } = posture;
  const early = earlyEvidence();
  const base = wallAndPki(options.dir, early.record);
  const { clock, pki } = base;
  // Each node has a log of its own: a chain of hashes has one writer.
  const name = node === 1 ? 'evidence' : `evidence-${node}`;
  const identity = { kind: 'broker', id: `broker-${String(node).padStart(2, '0')}` } as const;
  const { evidence, operations } = await orClose(
    async () => base.stopClock(),
    async () => ({
      evidence: openEvidenceFile({ dir: options.dir, name, clock, pki, controls }),
      operations: openOperations('broker', clock, options.operations),
    }),
  );
  const record = operations.tee(evidence.record);
  early.flowTo(record);
  const quiet = async (): Promise<void> => {
    await operations.close();
    evidence.close();
  };
  const { status, close } = await orClose(quiet, () => ground(options, base, record));
  const closeAll = async (): Promise<void> => {
    await close();
    await quiet();
  };
  const broker = await orClose(closeAll, async () => {
    const credential = pki.credentialFor(identity);
    await status.prepare(() => [credential.chainDer]);
    return Broker.start({
      clock,
      ...listeningAt(options),
      port: options.port,
      ...(options.plaintextPort !== undefined && { plaintextPort: options.plaintextPort }),
      credential,
      judge: status.judge,
      controls,
      ...(posture.limits && { limits: posture.limits }),
      evidence: record,
      // What nodes share is in Redis; a node alone has a folder of its own.
      ...(redis === undefined
        ? { store: join(options.dir, node === 1 ? 'broker' : `broker-${node}`) }
        : { redis }),
      ...(operations.keyLog && { keyLog: operations.keyLog }),
    });
  });
  const stop = async (): Promise<void> => {
    await broker.stop();
    await closeAll();
  };
  const metrics = await orClose(stop, () => operations.serve(() => broker.figures()));
  pki.onRevoked(({ fingerprint }) => broker.dropRevoked(fingerprint));
  status.onRevoked((fingerprint) => broker.dropRevoked(fingerprint));
  return {
    ready: {
      component: 'broker',
      port: broker.port,
      plaintextPort: broker.plaintextPort ?? null,
      ...metrics,
    },
    methods: {
      status: () => broker.counts(),
      connected: () => broker.connected().map(urnOf),
      evidence: () => evidence.events(),
    },
    isWell: () => broker.figures().notReady === undefined,
    stop,
  };
}
