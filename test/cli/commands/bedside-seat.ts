import { BedsideSession } from '../../../cli/commands/bedside-session.ts';
import { HeapClock, seededRandom } from '../../../clock/index.ts';
import type { PhysicalResult } from '../../../simulator/pump/index.ts';
import { Caregiver, startShift } from '../../../simulator/ward/index.ts';
import type { Bedside, LibraryDrug, PressResult } from '../../../testbed/bedside-client.ts';
import { BedsideDesk } from '../../../testbed/bedside-desk.ts';
import type { BedsideState } from '../../../testbed/bedside-state.ts';
import { placePumps } from '../../simulator/ward/rig.ts';

const START_MS = 10 * 60_000;

/** Somebody at a pump of a ward of three, in this process and without a socket; `wait` moves the clock of the ward. */
export async function seatAt(serial: string) {
  const clock = new HeapClock(0);
  const random = seededRandom(5);
  const pumps = placePumps(clock, random, 3).map(({ pump }) => pump);
  const caregiver = new Caregiver({ clock, intents: () => undefined, libraries: [], role: 'nurse' });
  const shift = startShift({ clock, random: random.fork('shift'), pumps, caregiver });
  const desk = new BedsideDesk({
    pumps,
    press: (pump, action, role) => caregiver.press(pump, action, role),
    handOver: (at) => shift.handOver(at),
    takeBack: (at) => shift.takeBack(at),
  });
  const { methods } = desk.session(() => undefined);
  const call = async (method: string, params: object = {}) => methods[method]!({ serial, ...params });
  clock.runTo(START_MS);
  await call('bedside.open');
  const bedside: Bedside = {
    display: async () => ((await call('bedside.display')) as { state: BedsideState }).state,
    drugs: async () => (await call('bedside.drugs')) as LibraryDrug[],
    press: async (role, action) => (await call('bedside.press', { role, action })) as PressResult,
    physical: async (event) => (await call('bedside.physical', { event })) as PhysicalResult,
    code: async (role) => ((await call('bedside.code', { role })) as { code: string | null }).code,
    ended: new Promise(() => undefined),
    leave: async () => void (await call('bedside.close')),
  };
  const session = await BedsideSession.at(bedside, async (ms) => clock.runTo(clock.now() + ms));
  const pump = pumps.find((one) => one.serial === serial)!;
  return { pump, session, type: async (line: string) => session.take(line, 80) };
}
