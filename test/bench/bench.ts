import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { figures } from './figure.ts';
import { createPumps, fleetCurve, fleetSpeed, heapAPump } from './fleet.ts';
import { judging } from './judging.ts';
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
  },
});
const rounds = options.short ? 1 : Math.max(1, Number(options.rounds));
const isShort = rounds === 1;

if (!options.fleet) {
  await startUp(rounds);
  await scenarios(rounds);
  judging();
  await revoke(isShort);
}
telemetry();
createPumps();
await heapAPump(isShort);
await fleetSpeed(isShort);
await fleetCurve(isShort);
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);
