import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { connecting } from './broker/connecting.ts';
import { fleetOverTls } from './broker/fleet-tls.ts';
import { throughput } from './broker/throughput.ts';
import { figures } from './figure.ts';
import { createPumps, fleetCurve, fleetSpeed, heapAPump } from './fleet.ts';
import { image } from './image.ts';
import { issuing } from './issuing.ts';
import { judging } from './judging.ts';
import { libraries } from './libraries.ts';
import { rehearsal } from './rehearsal.ts';
import { revoke } from './revoke.ts';
import { scenarios } from './scenarios.ts';
import { startUp } from './start-up.ts';
import { telemetry } from './telemetry.ts';

const { values: options } = parseArgs({
  options: {
    json: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    /** One round, smaller fleets. */
    short: { type: 'boolean', default: false },
    /** Only the figures of fleets. */
    fleet: { type: 'boolean', default: false },
    /** Only the figures of drug libraries. */
    library: { type: 'boolean', default: false },
    /** Only the figures of the PKI and the broker. */
    broker: { type: 'boolean', default: false },
    /** Only so many pumps over TLS, for so many seconds. */
    pumps: { type: 'string' },
    seconds: { type: 'string', default: '30' },
    /** Only so many pumps that fetch one image at once, of so many MiB. */
    image: { type: 'string' },
    mib: { type: 'string', default: '4' },
    /** Everything, 10,000 pumps over TLS for five minutes, and an image of 4 MiB for 1,000 pumps. */
    full: { type: 'boolean', default: false },
  },
});
const FULL = { pumps: 10_000, seconds: 300 };
const IMAGE = { short: { pumps: 40, mib: 1 }, full: { pumps: 1_000, mib: 4 } };
const rounds = options.short ? 1 : Math.max(1, Number(options.rounds));
const isShort = rounds === 1;

if (options.pumps !== undefined) {
  await overTls(Number(options.pumps), Number(options.seconds));
} else if (options.image !== undefined) {
  await image(Number(options.image), Number(options.mib));
} else if (options.library) {
  libraries(isShort);
} else {
  if (!options.fleet && !options.broker) {
    await startUp(rounds);
    await scenarios(rounds);
    await rehearsal(isShort);
    libraries(isShort);
  }
  // Before connections: what those leave behind would be let go of while the heap of a pump is measured.
  if (!options.broker) {
    telemetry();
    createPumps();
    await heapAPump(isShort);
    await fleetSpeed(isShort);
    await fleetCurve(isShort);
  }
  if (!options.fleet) {
    judging();
    issuing(isShort);
    await connecting(isShort);
    await throughput(isShort);
    await revoke(isShort);
    const { pumps, mib } = options.full ? IMAGE.full : IMAGE.short;
    await image(pumps, mib);
  }
  if (options.full) await overTls(FULL.pumps, FULL.seconds);
}
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);

/** Figures are for people to look at; a lost alarm is a failure. */
async function overTls(pumps: number, seconds: number): Promise<void> {
  if (!(await fleetOverTls(pumps, seconds))) process.exitCode = 1;
}
