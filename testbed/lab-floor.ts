import { join } from 'node:path';
import { HeapClock } from '../clock/index.ts';
import type { ZonePolicy } from '../network/index.ts';
import { type Lab, standInPorts, startStandIn } from '../network/lab/index.ts';
import { openPki } from '../pki/index.ts';
import { selectPosture } from '../scenarios/index.ts';
import { loadShippedPostures } from './data.ts';
import { LabComponentProcess } from './lab-process.ts';
import type { LabComponent } from './lab-report.ts';

export interface LabFloorOptions {
  readonly policy: ZonePolicy;
  /** Folder of the floor: its PKI, its evidence, its stores. */
  readonly dir: string;
  readonly posture: string;
  readonly pumps: number;
  /** How to run the command of this house. */
  readonly program: readonly string[];
}

/** What runs in the zones of a lab. */
export interface LabFloor {
  components(): readonly LabComponent[];
  /** Assets that are there in truth; whatever else the plan has is a stand-in that takes connections and datagrams. */
  readonly real: ReadonlySet<string>;
  /** Calls a method of a component's control port, out of band. @throws PumprangeError */
  call(component: FloorComponent, method: string, params?: unknown): Promise<unknown>;
}

/** Components, by the asset of the plan that each of them is. */
const COMPONENT_OF = { est: 'pki', broker: 'broker', 'pump-server': 'pump-server', pump: 'pumps' } as const;
type RealAsset = keyof typeof COMPONENT_OF;
type FloorComponent = (typeof COMPONENT_OF)[RealAsset];

/** An old one, one in between, and a patched one, in turn: each offers other services of its own. */
export const LAB_FIRMWARE = ['1.0.0', '1.1.0', '1.2.0'] as const;

/**
 * Starts the real components at the addresses that the plan has for them, and stand-ins at all others. Waits until all are ready; they end in good
 * order when the lab is closed.
 *
 * @throws PumprangeError `PR_LAB_FAILED` with the last words of what did not start; `PR_POSTURE_UNKNOWN`
 */
export async function startLabFloor(lab: Lab, options: LabFloorOptions): Promise<LabFloor> {
  const { policy, dir, pumps } = options;
  const { places } = lab.layout;
  const posture = selectPosture(loadShippedPostures(), options.posture);
  const started = new Map<FloorComponent, LabComponentProcess>();
  const standIns: { readonly zone: string; ended: boolean }[] = [];
  const addressesOf = (asset: RealAsset): readonly string[] =>
    places.filter((one) => one.asset === asset).flatMap(({ ipv4, ipv6 }) => [ipv4, ...(ipv6 ? [ipv6] : [])]);
  const portOf = (asset: RealAsset, service: string): string | undefined => {
    const found = policy.assets.get(asset)?.services.find(({ name }) => name === service);
    return found && String(found.port);
  };
  const brokerPort = portOf('broker', posture.controls.has('mutual-tls') ? 'mqtt-tls' : 'mqtt-plaintext');
  const [brokerAddress] = addressesOf('broker');
  const [statusAddress] = addressesOf('est');
  const statusPort = portOf('est', 'status');
  const isComplete = brokerAddress !== undefined && brokerPort !== undefined;
  const real = new Set(
    (Object.keys(COMPONENT_OF) as RealAsset[]).filter(
      (asset) => addressesOf(asset).length > 0 && (asset === 'est' || isComplete),
    ),
  );

  const status = [
    ...flag('--status-port', statusPort),
    ...flag('--status-address', statusPort === undefined ? undefined : statusAddress),
  ];
  const toBroker = [...flag('--port', brokerPort), ...flag('--broker-address', brokerAddress), ...status];
  const flags: Readonly<Record<RealAsset, readonly string[]>> = {
    est: [...flag('--port', portOf('est', 'est')), ...flag('--status-port', statusPort)],
    broker: [
      ...flag('--port', portOf('broker', 'mqtt-tls')),
      ...flag('--plaintext-port', portOf('broker', 'mqtt-plaintext')),
      ...status,
    ],
    'pump-server': toBroker,
    pump: [
      ...toBroker,
      '--pumps',
      String(Math.min(pumps, placesOf('pump'))),
      '--firmware',
      LAB_FIRMWARE.join(),
    ],
  };
  function placesOf(asset: RealAsset): number {
    return places.filter((one) => one.asset === asset).length;
  }

  const start = async (asset: RealAsset): Promise<void> => {
    const place = places.find((one) => one.asset === asset);
    if (place === undefined || !real.has(asset)) return;
    const name = COMPONENT_OF[asset];
    const [program = '', ...args] = options.program;
    const process = new LabComponentProcess(lab, name, { zone: place.zone, side: 'assets' }, [
      ...([program, ...args, 'serve', name, '--dir', dir, '--posture', posture.id] as const),
      ...['--address', addressesOf(asset).join(','), ...flags[asset]],
    ]);
    started.set(name, process);
    await process.ready;
  };
  const startStandIns = async (): Promise<void> => {
    await Promise.all(
      lab.layout.zones.map(async ({ id: zone }) => {
        const ports = standInPorts(policy, lab.layout, zone, real);
        if (ports.length === 0) return;
        const one = { zone, ended: false };
        const child = await startStandIn(lab, zone, ports);
        child.once('close', () => {
          one.ended = true;
        });
        standIns.push(one);
      }),
    );
  };
  // Whoever spoke last stops first: the PKI signs the others' records.
  lab.beforeClose(async () => {
    for (const name of ['pumps', 'pump-server', 'broker', 'pki'] as const) await started.get(name)?.stop();
  });
  // The authorities are made here, and all others find them: so nobody has to wait for the PKI.
  openPki({ dir: join(dir, 'pki'), clock: new HeapClock(Date.now()) });
  await Promise.all([start('est'), start('broker'), startStandIns()]);
  await Promise.all([start('pump-server'), start('pump')]);
  return {
    real,
    components: () => [
      ...[...started.values()].map(({ name, zone, state }) => ({ name, zone, state })),
      ...standIns.map(
        ({ zone, ended }): LabComponent => ({
          ...{ name: 'stand-ins', zone, state: ended ? 'ended' : 'running' },
        }),
      ),
    ],
    call: async (component, method, params) => started.get(component)?.call(method, params),
  };
}

function flag(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [name, value];
}
