import { unsettled } from '../clock/index.ts';
import { Caregiver, startShift } from '../simulator/ward/index.ts';
import { commissionedCeilings } from './commissioning.ts';
import type { WardData } from './data.ts';
import { addPump, type FleetMember, type FleetOptions, type PumpSpec } from './fleet.ts';
import { type GroundOptions, ground, keepsNone, orClose, wallAndPki } from './ground.ts';
import type { ServicePlan } from './pump-device.ts';
import { type Shard, shardOf } from './shard.ts';
import { addressesOf, speakingTo } from './standing-places.ts';
import { HOST } from './testbed.ts';
import { wardPumps } from './ward-pumps.ts';

export interface RunPumpsOptions extends GroundOptions {
  readonly data: WardData;
  /** Of the whole fleet. */
  readonly pumps: number;
  readonly shard: Shard;
  /** The version that they run at first; the newest one unless told. */
  readonly firmware?: readonly [string, ...string[]] | undefined;
}

export interface RunningFleet {
  pumps(): {
    readonly serial: string;
    readonly model: string;
    readonly careArea: string;
    readonly link: 'online' | 'offline';
  }[];
  stop(): Promise<void>;
}

/**
 * Runs one shard of a fleet, with the shift that works on it, in real time. What happens to a pump hangs on the seed and its serial number
 * alone, so the same seed gives the same pumps however the fleet is spread.
 */
export async function startFleet(options: RunPumpsOptions): Promise<RunningFleet> {
  const { members, stop } = await runPumps(options);
  return {
    pumps: () =>
      members.map(({ pump, shell }) => ({
        serial: pump.serial,
        model: pump.model.id,
        careArea: pump.careArea,
        link: shell.isOnline ? 'online' : 'offline',
      })),
    stop,
  };
}

/** Pumps at an address that was given to them are numbered after it, so that no two containers have the same ones. */
function specsOf({ pumps, data, shard, firmware, standing }: RunPumpsOptions): readonly PumpSpec[] {
  if (standing?.number === undefined) return shardOf(wardPumps(pumps, data, firmware), shard);
  return wardPumps((standing.number + 1) * pumps, data, firmware).slice(-pumps);
}

/** From where a pump speaks, and where its services are; it has none on loopback, where nobody said an address. */
function placed(
  index: number,
  { standing, brokerAddress = HOST }: RunPumpsOptions,
): Pick<FleetOptions, 'addressOf' | 'services'> {
  const place = standing?.places[index % standing.places.length];
  if (standing === undefined || place === undefined) return {};
  const [host = HOST, ...alsoOn] = addressesOf(place);
  const services: ServicePlan = { hostOf: () => host, alsoOn: () => alsoOn, ports: 'fixed' };
  return {
    addressOf: () => speakingTo(place, brokerAddress),
    // Pumps that share an address are one device to the network: the services are those of the first.
    ...(index < standing.places.length && { services }),
  };
}

export async function runPumps(options: RunPumpsOptions): Promise<{
  readonly members: readonly FleetMember[];
  stop(): Promise<void>;
}> {
  const { data, posture } = options;
  const base = wallAndPki(options.dir);
  const { clock, pki } = base;
  const evidence = keepsNone;
  const { status, random, endpoint, close } = await ground(options, base, evidence);
  await status.prepare(() => []);
  const { judge } = status;
  const specs = specsOf(options);
  const members = await orClose(close, async () => {
    const ceilings = await commissionedCeilings({ pki, clock, data });
    return specs.map((spec, index) =>
      addPump(
        {
          ...spec,
          // Alone, there may be no server to fetch it from.
          library: data.libraries.find(({ library }) => library.careArea === spec.careArea)?.library ?? null,
        },
        {
          ...{ clock, settling: unsettled, random, pki, judge, posture, data, evidence, endpoint },
          ceilings,
          ...placed(index, options),
          telemetryEveryMs: 5_000,
        },
      ),
    );
  });
  const caregiver = new Caregiver({
    clock,
    intents: () => undefined,
    libraries: data.libraries.map(({ library }) => library),
    role: 'nurse',
  });
  const pumps = members.map(({ pump }) => pump);
  const shift = startShift({ clock, random: random.fork('shift'), pumps, caregiver });
  for (const member of members) member.start();
  return {
    members,
    stop: async () => {
      shift.stop();
      for (const member of members) {
        member.stop();
        member.pump.dispose();
      }
      await close();
    },
  };
}
