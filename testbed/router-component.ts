import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import {
  becomeRouter,
  compileRuleset,
  findTools,
  layOut,
  loadZonePlan,
  type OwnInterface,
} from '../network/index.ts';
import { PumprangeError } from '../protocol/index.ts';
import type { Component } from './component.ts';
import { HOUSE } from './environment.ts';
import { isComposeContainer } from './own-networks.ts';

/**
 * The router between the zones of docker-compose.yml, with the firewall of the plan. It ends with its container, and so does all that
 * it changed.
 *
 * @throws PumprangeError `PR_GUARDRAIL` anywhere else; `PR_LAB_TOOL`
 */
export async function startRouter(): Promise<Component> {
  if (!isComposeContainer()) {
    throw new PumprangeError('PR_GUARDRAIL', 'only a container of docker-compose.yml may become a router');
  }
  const policy = loadZonePlan(join(HOUSE, 'network', 'zones', 'sp1800-8.yaml'));
  const layout = layOut(policy, EVERY_PLACE);
  await becomeRouter(findTools(PROGRAMS), layout, ownInterfaces(), compileRuleset(policy, layout));
  return {
    ready: { component: 'router', zones: layout.zones.map(({ id }) => id) },
    methods: { status: () => ({ zones: layout.zones.length }) },
    stop: async () => undefined,
  };
}

/** As many as any asset has: containers stand where there is room. */
const EVERY_PLACE = Number.MAX_SAFE_INTEGER;
/** Where the image has them. */
const PROGRAMS = ['/usr/bin'];

function ownInterfaces(): OwnInterface[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses
      .filter(({ internal, family }) => !internal && family === 'IPv4')
      .map(({ address }) => ({ name, address })),
  );
}
