import { HeapClock, unsettled } from '../../../clock/index.ts';
import type { RequestRate } from '../../../pki/enrolment/request-limit.ts';
import {
  createMemoryPki,
  estHandler,
  type Pki,
  type ServiceServer,
  siteAuthority,
  startServiceServer,
} from '../../../pki/index.ts';
import { CONTROL_IDS, type ControlId, type EvidenceEntry } from '../../../protocol/index.ts';

/** A site with its EST server, and the manufacturer whose birth certificates it accepts. */
export interface Desk {
  readonly clock: HeapClock;
  readonly site: Pki;
  readonly manufacturer: Pki;
  readonly evidence: EvidenceEntry[];
  readonly server: ServiceServer;
}

export interface DeskOptions {
  readonly startMs: number;
  readonly without?: readonly ControlId[];
  readonly rate?: RequestRate;
}

export async function openDesk({ startMs, without = [], rate }: DeskOptions): Promise<Desk> {
  const clock = new HeapClock(startMs);
  const evidence: EvidenceEntry[] = [];
  const record = (entry: EvidenceEntry): void => void evidence.push(entry);
  const site = createMemoryPki({ clock, evidence: record });
  const manufacturer = createMemoryPki({ clock, name: 'Pumpworks' });
  const controls = new Set(CONTROL_IDS.filter((id) => !without.includes(id)));
  const authority = siteAuthority(site, manufacturer.judge({ revocation: false }), controls);
  const server = await startServiceServer({
    clock,
    settling: unsettled,
    host: '127.0.0.1',
    port: 0,
    tls: {
      ...site.issue({ identity: { kind: 'est-server', id: 'est-01' } }),
      clientRootPems: [site.rootPem, manufacturer.rootPem],
    },
    handlers: [estHandler({ clock, controls, evidence: record, authority, ...(rate && { rate }) })],
    evidence: record,
  });
  return { clock, site, manufacturer, evidence, server };
}
