import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { unsettled } from '../clock/index.ts';
import { openPki, type RequestHandler, startServiceServer } from '../pki/index.ts';
import type { Component, ComponentOptions } from './component.ts';
import { earlyEvidence } from './early-evidence.ts';
import { startPkiService } from './enrolment.ts';
import { openEvidenceFile } from './evidence-file.ts';
import { listeningAt, lookEvery, wallClock } from './ground.ts';

/**
 * The PKI as a process of its own: EST over HTTPS, and the status of certificates beside it; over plain HTTP too where a port is given for
 * it, and then the certificates that it issues name that place.
 */
export async function startPkiComponent(options: ComponentOptions): Promise<Component> {
  const { dir, posture, port, statusPort } = options;
  const { controls } = posture;
  const { clock, stopClock } = wallClock();
  const undo: (() => void | Promise<void>)[] = [stopClock];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    // The system may choose the port, and certificates name it: so it listens before there is anything to tell.
    let answer: RequestHandler = () => undefined;
    const early = earlyEvidence();
    const place = listeningAt(options);
    const listener = { clock, settling: unsettled, ...place, evidence: early.record };
    const plain =
      statusPort === undefined
        ? undefined
        : await startServiceServer({
            ...listener,
            port: statusPort,
            handlers: [(request) => answer(request)],
          });
    undo.push(() => plain?.stop());
    const statusUrl = plain && `http://${isIPv6(place.host) ? `[${place.host}]` : place.host}:${plain.port}`;
    const pki = openPki({
      ...{ dir: join(dir, 'pki'), clock, evidence: early.record },
      ...(statusUrl && { statusUrl }),
    });
    // A file of its own: the broker's belongs to the broker.
    const evidence = openEvidenceFile({ dir, name: 'evidence-pki', clock, pki, controls });
    undo.push(() => evidence.close());
    early.flowTo(evidence.record);
    answer = pki.status;
    const service = await startPkiService({
      ...{ ...listener, pki, controls, port },
      manufacturer: pki.manufacturer,
      // Signed themselves, so TLS does them no harm; certificates name no such place.
      handlers: [pki.status],
    });
    undo.push(() => service.stop());
    undo.push(lookEvery(clock, () => void pki.takeUpRevocations()));
    return {
      ready: { component: 'pki', port: service.port, statusPort: plain?.port ?? null },
      methods: {
        status: () => ({ issued: pki.list().length }),
        evidence: () => evidence.events(),
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
