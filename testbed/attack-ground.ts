import type { Settling } from '../clock/index.ts';
import type { Pki } from '../pki/index.ts';
import { isLoopback, PumprangeError } from '../protocol/index.ts';
import type { AttackCredential, AttackGround, StageSetup } from '../scenarios/index.ts';
import { openMqtt, openSocket } from '../simulator/transport/index.ts';
import { AttackCredentials } from './attack-credentials.ts';
import { counterfeit } from './counterfeits.ts';
import { OwnSockets } from './own-sockets.ts';
import { inHands } from './pump-in-hands.ts';
import type { Testbed } from './testbed.ts';

const PUMP_ZONE = 'medical-devices';

/** The floor as an adversary finds it. What it opens are sockets like anybody's. */
export function attackGround(
  testbed: Testbed,
  setup: StageSetup,
  pki: Pki,
  reach: Pick<AttackGround, 'monitoringHost' | 'recordsIn'>,
): AttackGround {
  const { clock, settling, random, posture, adversaryZone = PUMP_ZONE } = setup;
  const credentials = new AttackCredentials(pki);
  const own = new OwnSockets(settling);
  let stands: string | undefined;
  const sourceAddress = (): string | undefined => {
    stands ??= testbed.network.foothold(adversaryZone);
    return stands;
  };
  return {
    ...reach,
    clock,
    settling: own.settling,
    random: random.fork('adversary'),
    endpoint: (service) => {
      if (service.service === 'pump') return testbed.member(service.serial).services?.endpoint(service.name);
      const { listener } = service;
      const found = testbed.listeners().find((one) => one.listener === listener);
      return found && { host: found.host, port: found.port };
    },
    foundClosed: (serial, name) => testbed.member(serial).services?.refused(name, sourceAddress() ?? null),
    inHands: (serial) => inHands(testbed.member(serial)),
    credential: async (as): Promise<AttackCredential | undefined> => {
      const credential = credentials.of(as);
      if (credential !== undefined) await told(testbed, settling);
      return credential;
    },
    counterfeit: (action) => counterfeit(testbed, action),
    sourceAddress,
    open: async ({ host, port, over, credential, silent }) => {
      const socket = await openSocket({
        clock,
        settling,
        endpoint: { host, port, listener: over },
        ...(credential && { credential }),
        controls: posture.controls,
        localAddress: sourceAddress(),
        unwatched: silent,
        signal: own.signal,
      });
      return own.add(socket);
    },
    misdirect: (serials, to) => {
      if (!isLoopback(to.host)) {
        throw new PumprangeError('PR_GUARDRAIL', `pumps may not be led to ${to.host}`);
      }
      if (!testbed.network.standsIn(PUMP_ZONE, sourceAddress())) {
        testbed.options.evidence.record({
          ...{ source: 'network', event: 'network.denied', outcome: 'denied', visibility: 'blue' },
          control: 'zone-segmentation',
          cause: 'forged answers of resolution do not leave the zone that they were made in',
        });
        return { outcome: 'refused', detail: 'it does not stand where the pumps are' };
      }
      const led = [...testbed.members.keys()].filter((one) => serials === 'all' || serials.includes(one));
      for (const serial of led) testbed.misdirect(serial, to);
      return { outcome: 'succeeded', detail: `${led.length} pumps are led astray` };
    },
    giveUp: () => own.letGo(),
    mqtt: (socket, options, handlers) => openMqtt(socket, clock, options, handlers),
  };
}

/** Whoever was stolen from had the certificate before, and a foreign broker knew of it. */
async function told({ broker }: Testbed, settling: Settling): Promise<void> {
  const { takeUpChanges } = broker ?? {};
  if (takeUpChanges !== undefined) await settling.hold('the broker that reads its lists', takeUpChanges);
}
