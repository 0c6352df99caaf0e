import { followWall, HeapClock, seededRandom, unsettled } from '../../../clock/index.ts';
import { openPki } from '../../../pki/index.ts';
import { addPump } from '../../../testbed/fleet.ts';
import { loadShippedPostures, loadWardData } from '../../../testbed/index.ts';
import { HOST } from '../../../testbed/testbed.ts';
import { wardPumps } from '../../../testbed/ward-pumps.ts';

/** The pumps of a large floor as a process of their own: real pumps, each with its own key, certificate and TLS connection. */

/** What the pumps say of themselves when asked. */
export interface FleetReport {
  readonly online: number;
  readonly started: number;
  readonly rssKb: number;
  readonly cpuUs: number;
  readonly alarms: number;
}

/** Connections under way at a time: a floor that comes up after a power cut does not dial at one instant, either. */
const UNDER_WAY = 32;
const TELEMETRY_EVERY_MS = 5_000;
const ALARM_EVERY_MS = 30_000;
const HOT_MS = 2_000;
const [HOT_C, COOL_C] = [90, 25] as const;

const [dir = '', port = '0', count = '0'] = process.argv.slice(2);
const clock = new HeapClock(Date.now());
followWall(clock);
const posture = loadShippedPostures().find(({ id }) => id === 'layered');
if (posture === undefined) throw new Error('there is no posture layered');
const pki = openPki({ dir: `${dir}/pki`, clock });
const data = loadWardData();
const random = seededRandom(1);
/** `<serial> <seq>` of each alarm record that a pump has made. */
const alarms: string[] = [];

const startedAt = performance.now();
const members = wardPumps(Number(count), data).map((spec) =>
  addPump(spec, {
    clock,
    settling: unsettled,
    random,
    pki,
    judge: pki.judge({ revocation: true }),
    posture,
    data,
    evidence: () => undefined,
    endpoint: () => ({ host: HOST, port: Number(port), listener: 'tls' }),
    telemetryEveryMs: TELEMETRY_EVERY_MS,
    onRecord: (serial, { stream, seq }) => {
      if (stream === 'alarm') alarms.push(`${serial} ${seq}`);
    },
  }),
);
const madeMs = performance.now() - startedAt;
let started = 0;
let quiet = false;

process.on('message', (question) => {
  switch (question) {
    case 'start':
      connect();
      return process.send?.(report());
    case 'alarm':
      for (const [index] of members.entries()) alarmNow(index);
      return process.send?.(report());
    case 'quiet':
      quiet = true;
      return process.send?.(report());
    case 'alarms':
      return process.send?.(alarms);
    default:
      return process.send?.(report());
  }
});
process.on('disconnect', () => process.exit());
process.send?.({ madeMs });

function report(): FleetReport {
  const { user, system } = process.cpuUsage();
  return {
    online: onlineCount(),
    started,
    rssKb: process.memoryUsage().rss / 1_024,
    cpuUs: user + system,
    alarms: alarms.length,
  };
}

function onlineCount(): number {
  return members.reduce((sum, { shell }) => sum + (shell.isOnline ? 1 : 0), 0);
}

function connect(): void {
  let underWay = started - onlineCount();
  for (
    let member = members[started];
    member !== undefined && underWay < UNDER_WAY;
    member = members[started]
  ) {
    member.pump.bedside('nurse', { action: 'power-on', newPatient: true });
    member.start();
    started += 1;
    underWay += 1;
  }
  if (started < members.length) setTimeout(connect, 10);
}

/** A pump grows too hot and cools down again, each at a phase of its own, until all is to be quiet. */
function alarmNow(index: number): void {
  const pump = members[index]?.pump;
  const heat = (): void => {
    if (quiet) return;
    pump?.physical({ event: 'temperature-changed', celsius: HOT_C });
    clock.after(HOT_MS, () => {
      pump?.physical({ event: 'temperature-changed', celsius: COOL_C });
      pump?.bedside('nurse', { action: 'clear' });
    });
    clock.after(ALARM_EVERY_MS, heat);
  };
  clock.after((index / members.length) * ALARM_EVERY_MS * 0.8, heat);
}
