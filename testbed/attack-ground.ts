import { type Settling, unsettled } from '../clock/index.ts';
import type { Pki } from '../pki/index.ts';
import { isLoopback, PumprangeError } from '../protocol/index.ts';
import {
  type AttackCredential,
  type AttackGround,
  type FloorService,
  PUMP_SERVICES,
  type StageSetup,
} from '../scenarios/index.ts';
import { openMqtt, openSocket } from '../simulator/transport/index.ts';
import { AdversaryPlace } from './adversary-place.ts';
import { AttackCredentials } from './attack-credentials.ts';
import { askForCertificate } from './attack-enrolment.ts';
import { counterfeit } from './counterfeits.ts';
import { OwnSockets } from './own-sockets.ts';
import { inHands } from './pump-in-hands.ts';
import { HOST, type Testbed } from './testbed.ts';

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
  const place = new AdversaryPlace(testbed, adversaryZone);
  const own = new OwnSockets(settling);
  return {
    ...reach,
    clock,
    settling: own.settling,
    random: random.fork('adversary'),
    services: () => servicesOf(testbed),
    endpoint: (service) => {
      if (service.service === 'pump') {
        return place.relay(service) ?? testbed.member(service.serial).services?.endpoint(service.name);
      }
      if (service.service === 'enrolment') {
        const { estPort } = testbed;
        return estPort === undefined ? undefined : { host: HOST, port: estPort };
      }
      const { listener } = service;
      const found = testbed.listeners().find((one) => one.listener === listener);
      return found && { host: found.host, port: found.port };
    },
    foundClosed: (serial, name) => place.foundClosed(serial, name),
    inHands: (serial) => inHands(testbed.member(serial)),
    credential: async (as): Promise<AttackCredential | undefined> => {
      const credential = credentials.of(as);
      if (credential !== undefined) await told(testbed, settling);
      return credential;
    },
    join: (zone, credential, over) => place.join(zone, credential, over),
    vendorSession: (target, credential) => place.vendorSession(target, credential),
    sourceAddress: () => place.address,
    counterfeit: (action) => counterfeit(testbed, action),
    open: async ({ host, port, over, credential, silent, passesOn }) => {
      const socket = await openSocket({
        clock,
        settling: passesOn === true ? unsettled : settling,
        endpoint: { host, port, listener: over },
        ...(credential && { credential }),
        controls: posture.controls,
        localAddress: place.speakFrom(),
        unwatched: silent,
        signal: own.signal,
      });
      return own.add(socket);
    },
    misdirect: (serials, to) => {
      if (!isLoopback(to.host)) {
        throw new PumprangeError('PR_GUARDRAIL', `pumps may not be led to ${to.host}`);
      }
      if (!place.standsIn(PUMP_ZONE)) {
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
    leadBack: (serials) => {
      const back = [...testbed.members.keys()].filter((one) => serials === 'all' || serials.includes(one));
      for (const serial of back) testbed.leadBack(serial);
      return { outcome: 'succeeded', detail: `${back.length} pumps find the broker again` };
    },
    enrol: (socket, operation, name) =>
      askForCertificate(socket, operation, name, {
        authorityPems: pki.issuingPems,
        clock,
        settling: own.settling,
      }),
    giveUp: () => own.letGo(),
    mqtt: (socket, options, handlers) => openMqtt(socket, clock, options, handlers),
  };
}

/** All that is known to stand on such a floor, whether or not it is open. */
function servicesOf({ members }: Testbed): readonly FloorService[] {
  return [
    { service: 'broker', listener: 'tls' },
    { service: 'broker', listener: 'plaintext' },
    { service: 'enrolment' },
    ...[...members.keys()].flatMap((serial): FloorService[] =>
      PUMP_SERVICES.map((name) => ({ service: 'pump', serial, name })),
    ),
  ];
}

/** Whoever was stolen from had the certificate before, and a foreign broker knew of it. */
async function told({ broker }: Testbed, settling: Settling): Promise<void> {
  const { takeUpChanges } = broker ?? {};
  if (takeUpChanges !== undefined) await settling.hold('the broker that reads its lists', takeUpChanges);
}
