import type { ProbedFloor, Target } from '../network/index.ts';
import { createMemoryPki, type Pki } from '../pki/index.ts';
import type { ControlId, Identity } from '../protocol/index.ts';
import { openServices } from '../simulator/services/index.ts';
import type { WardData } from './data.ts';
import { type PumpSpec, personalityOf } from './fleet.ts';
import type { Wall } from './ground.ts';
import { probedMqtt, probedTls } from './probed-roles.ts';

export interface ProbedFloorOptions {
  readonly controls: ReadonlySet<ControlId>;
  readonly data: WardData;
  /** The pumps, as they stand in the zones. */
  readonly pumps: readonly PumpSpec[];
  /** The components that run; behind every other service stands something that takes connections and datagrams. */
  readonly components: ReadonlySet<string>;
  /** The site's; absent: there is none, since nothing runs at all. */
  readonly site: (Wall & { readonly pki: Pki }) | undefined;
}

/** What really runs behind the addresses of a lab, and what it should make of whoever comes. */
export function probedFloor(options: ProbedFloorOptions): ProbedFloor {
  const { controls, components, site } = options;
  const greets: ReadonlySet<string> = new Set(components.has('pumps') ? ['pump'] : []);
  if (site === undefined) return { listens: () => false, tls: [], mqtt: [], greets };
  const issue = (identity: Identity) => site.pki.issue({ identity });
  const stranger = createMemoryPki({ clock: site.clock }).issue({
    identity: { kind: 'pump', id: 'PROBE-S' },
  });
  const { rootPem } = issue({ kind: 'observer', id: 'PROBE-ROOT' });
  const roles = { controls, issue, stranger, rootPem, nowMs: () => site.clock.now() };
  const runs: Readonly<Record<string, boolean>> = {
    broker: components.has('broker'),
    est: components.has('pki'),
  };
  return {
    listens: (target, { service }) => service !== undefined && listens(options, target, service),
    tls: probedTls(roles).filter(({ asset }) => runs[asset] === true),
    mqtt: probedMqtt(roles).filter(({ asset }) => runs[asset] === true),
    greets,
  };
}

function listens(
  { controls, components, pumps, data }: ProbedFloorOptions,
  target: Target,
  service: string,
): boolean {
  if (target.asset === 'broker' && components.has('broker')) {
    return service === 'mqtt-tls' || !controls.has('mutual-tls');
  }
  if (target.asset !== 'pump' || !components.has('pumps')) return true;
  const pump = pumps[target.index];
  if (pump === undefined) return false;
  const { weaknesses } = personalityOf(data, pump.model, pump.firmware);
  return openServices(weaknesses, controls).some((name) => name === service);
}
