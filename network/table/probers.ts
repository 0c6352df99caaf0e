import type { Lab, LabPlace } from '../lab/index.ts';
import { Prober } from '../probe/prober.ts';
import type { Source } from './places.ts';

export interface Probers {
  readonly of: (source: Source) => Prober;
  stop(): Promise<void>;
}

/**
 * A prober in every zone of a lab: one that has the addresses of its assets, and one that is its visitor.
 *
 * @param program what is started instead of the compiled prober
 * @throws PumprangeError `PR_PROBER_FAILED`; none runs then
 */
export async function openProbers(lab: Lab, program?: readonly [string, ...string[]]): Promise<Probers> {
  const places = lab.layout.zones.flatMap(({ id }): readonly LabPlace[] => {
    const visitor: LabPlace = { zone: id, side: 'visitor' };
    const hasAssets = lab.layout.places.some(({ zone }) => zone === id);
    return hasAssets ? [visitor, { zone: id, side: 'assets' }] : [visitor];
  });
  const opened = await Promise.allSettled(
    places.map(async (place) => {
      const prober = await Prober.open({
        zone: place.zone,
        startInLab: (argv, options) => lab.spawn(place, argv, options),
        ...(program && { program }),
      });
      return [keyOf(place), prober] as const;
    }),
  );
  const probers = new Map(opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])));
  const stop = async (): Promise<void> => {
    await Promise.all([...probers.values()].map((prober) => prober.stop()));
  };
  const failed = opened.find((one) => one.status === 'rejected');
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  return {
    of: ({ zone, asset }) => {
      const prober = probers.get(keyOf({ zone, side: asset === undefined ? 'visitor' : 'assets' }));
      if (prober === undefined) throw new Error(`no prober stands in ${zone}`);
      return prober;
    },
    stop,
  };
}

function keyOf({ zone, side }: LabPlace): string {
  return `${zone} ${side}`;
}
