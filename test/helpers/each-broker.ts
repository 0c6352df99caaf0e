import { describe } from 'vitest';
import type { BrokerName } from '../../scenarios/index.ts';
import { hasTool } from './require-tool.ts';

/** Whether there is a Mosquitto to run on; missing with `PUMPRANGE_REQUIRE=all` is a failure. */
export const MOSQUITTO = hasTool('mosquitto');

/**
 * The same tests on each broker: for what is about the ward, whoever passes its messages on. Where a broker differs by what docs/brokers.md
 * says of it, the test says so.
 */
export function onEachBroker(what: string, tests: (broker: BrokerName) => void): void {
  describe(`${what}, on our own broker`, () => tests('embedded'));
  describe.skipIf(!MOSQUITTO)(`${what}, on Mosquitto`, () => tests('mosquitto'));
}
