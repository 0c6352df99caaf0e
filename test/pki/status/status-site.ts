import { HeapClock, unsettled } from '../../../clock/index.ts';
import { createMemoryPki, type Pki, type PkiOptions, startServiceServer } from '../../../pki/index.ts';
import type { EvidenceEntry } from '../../../protocol/index.ts';

/** A PKI whose status is served on loopback, for clients that go by the host's clock. */
export interface StatusSite {
  readonly clock: HeapClock;
  readonly pki: Pki;
  readonly url: string;
  readonly evidence: EvidenceEntry[];
  stop(): Promise<void>;
}

export async function openStatusSite(options: Partial<PkiOptions> = {}): Promise<StatusSite> {
  const clock = new HeapClock(Date.now());
  const evidence: EvidenceEntry[] = [];
  // The port is asked for first: certificates name it.
  let pki: Pki | undefined;
  const server = await startServiceServer({
    clock,
    settling: unsettled,
    host: '127.0.0.1',
    port: 0,
    handlers: [(request) => pki?.status(request)],
    evidence: (entry) => evidence.push(entry),
  });
  const url = `http://127.0.0.1:${server.port}`;
  pki = createMemoryPki({ clock, evidence: (entry) => evidence.push(entry), statusUrl: url, ...options });
  return { clock, pki, url, evidence, stop: () => server.stop() };
}
