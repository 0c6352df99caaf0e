import { afterEach, expect, test } from 'vitest';
import { HeapClock, QuietWire, seededRandom } from '../../clock/index.ts';
import { createMemoryPki } from '../../pki/index.ts';
import {
  CONTROL_IDS,
  DEFAULT_SETTINGS,
  type EvidenceEvent,
  type PostureSettings,
  parseSerial,
} from '../../protocol/index.ts';
import { runLockstep } from '../../scenarios/engine/lockstep.ts';
import { createEvidenceLog, memoryLines } from '../../supervision/index.ts';
import { loadWardData } from '../../testbed/index.ts';
import { performAction } from '../../testbed/perform.ts';
import { RehearsedReleases } from '../../testbed/rehearsed-releases.ts';
import { Testbed } from '../../testbed/testbed.ts';

/** A ward whose pumps make their keys and enrol over EST, on real sockets in simulated time. */

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const RATE_ML_PER_H = 60;
const START_MS = Date.parse('2026-03-02T06:00:00Z');
const SERIALS = ['LVP-0001', 'LVP-0002', 'LVP-0003'];
const LIFETIME_MS = 3 * HOUR_MS;
const data = loadWardData();

let stop: () => Promise<void> = async () => undefined;
afterEach(() => stop());

async function ward(seed = 1, settings: PostureSettings = DEFAULT_SETTINGS) {
  const clock = new HeapClock(START_MS);
  const wire = new QuietWire({ patienceMs: 15_000 });
  const posture = { id: 'layered', title: 'all', controls: new Set(CONTROL_IDS), settings };
  const evidence = createEvidenceLog({
    clock,
    startMs: START_MS,
    stores: [memoryLines()],
    controls: posture.controls,
  });
  const pki = createMemoryPki({ clock, evidence: evidence.record });
  const { manufacturer } = pki;
  const library = data.libraries.find((one) => one.library.careArea === 'adult-icu')?.library ?? null;
  const testbed = await Testbed.start({
    clock,
    settling: wire,
    random: seededRandom(seed),
    pki,
    manufacturer,
    pumpCertificateMs: LIFETIME_MS,
    posture,
    data,
    evidence,
    intents: () => undefined,
    pumps: SERIALS.map((serial) => ({
      serial: parseSerial(serial)!,
      model: 'lvp',
      careArea: 'adult-icu',
      firmware: '1.2.0',
      library,
    })),
    port: 0,
    telemetryEveryMs: Number.POSITIVE_INFINITY,
  });
  stop = () => testbed.stop();
  const run = (forMs: number): Promise<void> =>
    runLockstep(clock, wire, clock.now() + forMs, () => undefined);
  const events = (event: string, about?: string): readonly EvidenceEvent[] =>
    evidence
      .events()
      .filter(
        (one) =>
          one.event === event && (about === undefined || one.subject === `urn:pumprange:pump:${about}`),
      );
  const online = (): string[] => SERIALS.filter((serial) => testbed.member(serial).shell.isOnline);
  return { clock, wire, testbed, pki, manufacturer, evidence, run, events, online };
}

/** Starts an infusion, and gives what it has delivered and what it should have. */
function infuse({ testbed, clock }: Awaited<ReturnType<typeof ward>>, serial: string) {
  const { pump } = testbed.member(serial);
  testbed.caregiver.switchOn(pump, true);
  let startMs = clock.now();
  return {
    begin: () => {
      startMs = clock.now();
      const result = testbed.caregiver.programmeAndStart(pump, 'A', {
        orderId: `order-${serial}`,
        drug: 'heparin',
        rateMlPerH: RATE_ML_PER_H,
        volumeToBeInfusedMl: 400,
        reservoirMl: 500,
      });
      expect(result).toEqual({ accepted: true });
    },
    /** Infuses, and has all the time: what was delivered is what was ordered, within the accuracy of the pump. */
    expectUndisturbed: () => {
      const [channel] = pump.reading().channels;
      expect(channel?.therapy).toBe('infusing');
      const orderedMl = (RATE_ML_PER_H * (clock.now() - startMs)) / HOUR_MS;
      expect(channel?.totalDeliveredMl).toBeGreaterThan(orderedMl * 0.95);
      expect(channel?.totalDeliveredMl).toBeLessThan(orderedMl * 1.05);
    },
  };
}

test('each enrols with its birth certificate, and connects with what it got', async () => {
  const floor = await ward();
  await floor.run(MINUTE_MS);
  expect(floor.online()).toEqual(SERIALS);
  for (const serial of SERIALS) {
    const [granted] = floor.events('enrolment.granted', serial);
    expect(granted).toMatchObject({ object: 'simpleenroll', control: 'enrolment-policy' });
    const fingerprint = floor.testbed.member(serial).certificate?.current()?.fingerprint;
    expect(floor.events('session.opened', serial).map((one) => one.certificateFingerprint)).toEqual([
      fingerprint,
    ]);
  }
  expect(floor.evidence.events().filter(({ outcome }) => outcome === 'denied')).toEqual([]);
});

test('each renews at two thirds of the lifetime, not all at once, and goes on with a new session', async () => {
  const floor = await ward();
  await floor.run(MINUTE_MS);
  const therapy = infuse(floor, 'LVP-0001');
  await floor.run(MINUTE_MS);
  therapy.begin();
  await floor.run(2.2 * HOUR_MS);
  const renewals = floor.events('certificate.obtained').filter(({ object }) => object === 'simplereenroll');
  expect(renewals.map(({ subject }) => subject?.slice(-8)).sort()).toEqual(SERIALS);
  const partsOfLife = renewals.map(({ simulatedMs }) => (simulatedMs ?? 0) / LIFETIME_MS);
  for (const part of partsOfLife) expect(Math.abs(part - 2 / 3)).toBeLessThan(0.021);
  expect(new Set(partsOfLife).size).toBe(3);
  // The old session said goodbye (no will, nobody took it over), and the new one shows the new certificate.
  expect(floor.online()).toEqual(SERIALS);
  expect(floor.events('session.taken-over')).toEqual([]);
  for (const serial of SERIALS) {
    const shown = floor.events('session.opened', serial).map((one) => one.certificateFingerprint);
    expect(shown).toHaveLength(2);
    expect(shown[1]).toBe(floor.testbed.member(serial).certificate?.current()?.fingerprint);
    expect(floor.events('session.closed', serial)).toHaveLength(1);
  }
  therapy.expectUndisturbed();
  expect(floor.evidence.events().filter(({ outcome }) => outcome === 'denied')).toEqual([]);
});

test('the same seed renews at the same instants, another at others', async () => {
  const instants = async (seed: number): Promise<readonly unknown[]> => {
    const floor = await ward(seed);
    await floor.run(2.2 * HOUR_MS);
    const all = floor
      .events('certificate.obtained')
      .map(({ simulatedMs, subject }) => [subject, simulatedMs]);
    await floor.testbed.stop();
    return all;
  };
  const first = await instants(1);
  expect(first).toHaveLength(6);
  expect(await instants(1)).toEqual(first);
  expect(await instants(2)).not.toEqual(first);
});

test('a CA that is down at the renewal is asked again, and nobody notices at the bedside', async () => {
  const floor = await ward();
  await floor.run(MINUTE_MS);
  const therapy = infuse(floor, 'LVP-0001');
  await floor.run(MINUTE_MS);
  therapy.begin();
  await floor.testbed.stopPkiService();
  await floor.run(2.3 * HOUR_MS);
  for (const serial of SERIALS) expect(floor.events('enrolment.failed', serial).length).toBeGreaterThan(1);
  expect(floor.online()).toEqual(SERIALS);
  await floor.testbed.startPkiService();
  await floor.run(0.6 * HOUR_MS);
  expect(floor.events('enrolment.granted').filter(({ object }) => object === 'simplereenroll')).toHaveLength(
    3,
  );
  await floor.run(HOUR_MS);
  expect(floor.online()).toEqual(SERIALS);
  expect(floor.events('session.dropped')).toEqual([]);
  therapy.expectUndisturbed();
});

test('a CA that is down beyond the expiry costs the connection, not the therapy; then the birth certificate counts', async () => {
  const floor = await ward();
  await floor.run(MINUTE_MS);
  const therapy = infuse(floor, 'LVP-0001');
  await floor.run(MINUTE_MS);
  therapy.begin();
  await floor.testbed.stopPkiService();
  await floor.run(3.2 * HOUR_MS);
  expect(floor.online()).toEqual([]);
  expect(floor.events('session.dropped')).toHaveLength(3);
  expect(floor.events('session.dropped')[0]).toMatchObject({
    control: 'mutual-tls',
    cause: 'the certificate has expired',
  });
  therapy.expectUndisturbed();
  await floor.testbed.startPkiService();
  await floor.run(1.3 * HOUR_MS);
  expect(floor.online()).toEqual(SERIALS);
  expect(
    floor
      .events('enrolment.granted')
      .slice(3)
      .map(({ object }) => object),
  ).toEqual(Array(3).fill('simpleenroll'));
  therapy.expectUndisturbed();
});

test('a pump that was off until after the expiry enrols anew by its birth certificate', async () => {
  const floor = await ward();
  await floor.run(MINUTE_MS);
  floor.testbed.member('LVP-0001').certificate?.suspend();
  await floor.run(3.1 * HOUR_MS);
  expect(floor.online()).toEqual(SERIALS.slice(1));
  floor.testbed.member('LVP-0001').certificate?.resume();
  await floor.run(MINUTE_MS);
  expect(floor.events('enrolment.granted', 'LVP-0001').map(({ object }) => object)).toEqual([
    'simpleenroll',
    'simpleenroll',
  ]);
  // It did not try the expired one first.
  expect(floor.events('enrolment.denied')).toEqual([]);
  expect(floor.online()).toEqual(SERIALS);
});

test.each([-5, 5])(
  'a pump whose clock is %s years off trusts nobody until it is set right, and the evidence says so',
  async (years) => {
    const floor = await ward();
    await floor.run(MINUTE_MS);
    const { deviceClock, certificate } = floor.testbed.member('LVP-0001');
    certificate?.suspend();
    deviceClock.offsetMs = years * 365 * 24 * HOUR_MS;
    await floor.run(3.1 * HOUR_MS);
    certificate?.resume();
    await floor.run(2 * MINUTE_MS);
    const failed = floor.events('enrolment.failed', 'LVP-0001');
    expect(failed[0]).toMatchObject({
      outcome: 'denied',
      control: 'server-identity',
      cause: expect.stringContaining(years > 0 ? 'expired' : 'valid from'),
      source: 'pump:LVP-0001',
      deviceTimeMs: (failed[0]?.receiptTimeMs ?? 0) + deviceClock.offsetMs,
    });
    expect(floor.online()).toEqual(SERIALS.slice(1));
    deviceClock.offsetMs = 0;
    certificate?.suspend();
    certificate?.resume();
    await floor.run(2 * MINUTE_MS);
    expect(floor.online()).toEqual(SERIALS);
  },
);

test('where the broker asks over OCSP and fails closed, a new certificate is let in as soon as its status is known', async () => {
  const { revocation } = DEFAULT_SETTINGS;
  const floor = await ward(1, { ...DEFAULT_SETTINGS, revocation: { ...revocation, source: 'ocsp' } });
  await floor.run(5 * MINUTE_MS);
  expect(floor.online()).toEqual(SERIALS);
  await floor.run(2.2 * HOUR_MS);
  expect(floor.online()).toEqual(SERIALS);
  const renewed = floor.events('certificate.obtained').filter(({ object }) => object === 'simplereenroll');
  expect(renewed).toHaveLength(SERIALS.length);
  for (const serial of SERIALS) {
    const shown = floor.events('session.opened', serial).map((one) => one.certificateFingerprint);
    expect(shown.at(-1)).toBe(floor.testbed.member(serial).certificate?.current()?.fingerprint);
  }
  // Of each new one nobody knew anything when it was first shown.
  expect(floor.events('certificate.refused-blind').length).toBeGreaterThanOrEqual(2 * SERIALS.length);
});

test.each(['service-stop', 'ca-stop'] as const)(
  'after %s nothing is renewed; failing open, what ran out meanwhile is taken, and the evidence says so',
  async (verb) => {
    const open = { ...DEFAULT_SETTINGS.onOutage, 'certificate-authority': 'fail-open' } as const;
    const floor = await ward(1, { ...DEFAULT_SETTINGS, onOutage: open });
    await floor.run(MINUTE_MS);
    const service = 'certificate-authority';
    const stopped = performAction(
      floor.testbed,
      new RehearsedReleases(floor.testbed),
      verb === 'ca-stop' ? { do: verb } : { do: verb, service },
    );
    await floor.run(0);
    await stopped;
    expect(floor.testbed.estPort).toBeUndefined();
    await floor.run(LIFETIME_MS + 10 * MINUTE_MS);
    expect(floor.events('certificate.accepted-blind').length).toBeGreaterThan(0);
    expect(floor.online()).toEqual(SERIALS);
    const started = performAction(floor.testbed, new RehearsedReleases(floor.testbed), {
      do: 'service-start',
      service,
    });
    await floor.run(0);
    await started;
    expect(floor.testbed.estPort).toBeGreaterThan(0);
    await floor.run(HOUR_MS);
    expect(floor.online()).toEqual(SERIALS);
  },
);
