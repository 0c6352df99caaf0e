import { join } from 'node:path';
import { Broker } from '../broker/index.ts';
import { urnOf } from '../protocol/index.ts';
import { createEvidenceLog, openLineFile } from '../supervision/index.ts';
import type { Component, ComponentOptions } from './component.ts';
import { ground, orClose, wallClock } from './ground.ts';
import { openOperations } from './operations.ts';
import { HOST } from './testbed.ts';

/** The broker as a process of its own. */
export async function startBroker(options: ComponentOptions): Promise<Component> {
  const { node, redis, posture } = options;
  const { controls } = posture;
  const wall = wallClock();
  const { clock } = wall;
  // Each node has a log of its own: a chain of hashes has one writer.
  const log = node === 1 ? 'evidence.jsonl' : `evidence-${node}.jsonl`;
  const identity = { kind: 'broker', id: `broker-${String(node).padStart(2, '0')}` } as const;
  const evidence = createEvidenceLog({
    clock,
    controls,
    stores: [openLineFile(join(options.dir, log))],
    keepEvents: 1_000,
  });
  const operations = openOperations('broker', clock, options.operations);
  const record = operations.tee(evidence.record);
  const quiet = async (): Promise<void> => {
    await operations.close();
    evidence.close();
  };
  const { pki, status, close } = await orClose(quiet, () => ground(options, wall, record));
  const closeAll = async (): Promise<void> => {
    await close();
    await quiet();
  };
  const broker = await orClose(closeAll, async () => {
    const credential = pki.credentialFor(identity);
    await status.prepare(() => [credential.chainDer]);
    return Broker.start({
      clock,
      host: HOST,
      port: options.port,
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
    stop,
  };
}
