import { describe, expect, test } from 'vitest';
import { CONTROL_IDS, type EvidenceEvent } from '../../protocol/index.ts';
import type { Observation } from '../../scenarios/index.ts';
import { carryOut, scenarioWith } from '../helpers/rehearsal.ts';

/** Zones, admission, quarantine and the bastion on a whole floor, on real sockets in simulated time. */

const all = CONTROL_IDS;
const without = (...ids: readonly string[]) => all.filter((id) => !ids.includes(id));
const nobody = { credential: 'none' } as const;
const stolen = (kind: string, id: string) => ({ credential: 'stolen-certificate', of: { kind, id } });

const success = [
  { id: 'away', what: 'Away', measure: 'supervision', pumps: 'all', equals: 'unsupervised' },
] as const;
const from = (zone: string) => ({ attack: { zone, success, expected: {} } });
/** A step of those who defend, among those of an adversary. */
const blue = (id: string, at: string, action: object) => ({
  id,
  team: 'blue',
  actor: 'defenders',
  trigger: { at },
  action,
});
const red = (id: string, at: string, action: object) => ({
  id,
  team: 'red',
  actor: 'somebody',
  trigger: { at },
  action,
});

const outcomes = ({ steps }: Observation) => steps.map(({ outcome }) => outcome);
const denials = ({ evidence }: Observation): EvidenceEvent[] =>
  evidence.filter(({ outcome, source }) => outcome === 'denied' && source === 'network');

describe.runIf(process.platform === 'linux')('a floor with zones', () => {
  test('lets its own people work, and says in which zone each session stands', async () => {
    const { observation } = await carryOut(scenarioWith([]), all);
    expect(denials(observation)).toEqual([]);
    const opened = observation.evidence.filter(({ event }) => event === 'session.opened');
    expect(Object.fromEntries(opened.map(({ subject, zone }) => [subject, zone]))).toMatchObject({
      'urn:pumprange:pump:LVP-0001': 'medical-devices',
      'urn:pumprange:pump-server:server-01': 'clinical-services',
    });
  });

  test('gives a guest nothing, and tells of each service that was tried', async () => {
    const scenario = scenarioWith(
      [{ do: 'probe' }, { do: 'connect', connection: 'x', as: nobody, to: 'broker', listener: 'any' }],
      from('guest'),
    );
    const { observation } = await carryOut(scenario, without('services-off'));
    expect(observation.reached).toEqual([]);
    expect(outcomes(observation)).toEqual(['refused', 'refused']);
    expect(new Set(denials(observation).map(({ control, zone }) => `${control} ${zone}`))).toEqual(
      new Set(['zone-segmentation guest']),
    );
    expect(denials(observation).map(({ object }) => object)).toEqual(
      expect.arrayContaining(['broker/mqtt-tls', 'pump/LVP-0001/diagnostics', 'pump/LVP-0001/console']),
    );
  });

  test('is one network without the control, on which the guest finds everything', async () => {
    const scenario = scenarioWith([{ do: 'probe' }], from('guest'));
    const { observation } = await carryOut(
      scenario,
      without('services-off', 'zone-segmentation', 'mutual-tls'),
    );
    expect(observation.reached?.map(({ asset, name }) => `${asset}/${name}`)).toEqual([
      'broker/mqtt-tls',
      'broker/mqtt-plaintext',
      'pump/console',
      'pump/files',
      'pump/diagnostics',
      'pump/session',
    ]);
    expect(denials(observation)).toEqual([]);
  });

  test('lets a device that nobody admitted be a guest, wherever it is plugged in', async () => {
    const steps = [{ do: 'join-network', zone: 'medical-devices', as: nobody }, { do: 'probe' }];
    const outside = scenarioWith(steps, from('outside'));
    const { observation } = await carryOut(outside, without('services-off'));
    expect(observation.steps.map(({ outcome, detail }) => [outcome, detail])).toEqual([
      ['refused', 'it got to guest'],
      ['refused', 'nothing answers'],
    ]);
    const open = await carryOut(outside, without('services-off', 'network-admission'));
    expect(outcomes(open.observation)).toEqual(['succeeded', 'succeeded']);
    expect(open.observation.reached?.map(({ asset }) => asset)).toContain('pump');
  });

  test('takes nobody who stands on no network', async () => {
    const steps = [{ do: 'connect', connection: 'x', as: nobody, to: 'broker', listener: 'any' }];
    const { observation } = await carryOut(scenarioWith(steps, from('outside')));
    expect(outcomes(observation)).toEqual(['refused']);
  });
});

describe.runIf(process.platform === 'linux')('quarantine', () => {
  const who = { identity: { kind: 'pump', id: 'LVP-0001' } };
  const steps = [
    blue('out', '60s', { do: 'quarantine', who }),
    blue('back', '120s', { do: 'release-quarantine', who }),
  ];
  const scenario = scenarioWith([], {
    duration: '6m',
    steps,
    fleet: [
      {
        ...{ model: 'lvp', serial: 'LVP-0001', careArea: 'adult-icu', firmware: '1.2.0' },
        therapy: { drug: 'heparin', rateMlPerH: 20, volumeToBeInfusedMl: 250, startAt: '30s' },
      },
    ],
  });

  test('ends the session of a pump at once and keeps it out; its therapy goes on, and released it comes back', async () => {
    const { observation, result } = await carryOut(scenario, all);
    expect(observation.steps.map(({ detail }) => detail)).toEqual([
      '1 addresses out of reach, 1 connections ended',
      '1 addresses back, 0 connections ended',
    ]);
    const sessions = observation.evidence.filter(
      ({ subject, event }) => subject === 'urn:pumprange:pump:LVP-0001' && event.startsWith('session.'),
    );
    expect(sessions.map(({ event, simulatedMs }) => [event, (simulatedMs ?? 0) > 120_000])).toEqual([
      ['session.opened', false],
      ['session.closed', false],
      ['session.opened', true],
    ]);
    expect(denials(observation).map(({ control }) => control)).toContain('network-quarantine');
    expect(result.harm).toMatchObject({ overMl: 0, underMl: 0 });
  });

  test.each([
    ['network-quarantine', 'nobody can move a device out of reach'],
    ['zone-segmentation', 'there is one network: no place is out of reach'],
  ])('is beyond anybody without %s', async (control, reason) => {
    const { observation } = await carryOut(scenario, without(control));
    expect(observation.steps[0]).toMatchObject({ outcome: 'refused', detail: reason });
    expect(denials(observation)).toEqual([]);
  });
});

describe.runIf(process.platform === 'linux')("a vendor's session", () => {
  const service = { pump: 'LVP-0001', service: 'console' };
  const approve = {
    ...{ id: 'approve', team: 'care', actor: 'engineer', trigger: { at: '60s' } },
    action: { do: 'approve-vendor', engineer: 'biomed-01', vendor: 'vendor-01', ...service, for: '1m' },
  };
  const come = red('come', '65s', { do: 'vendor-session', as: stolen('vendor', 'vendor-01'), ...service });
  const open = (id: string, at: string, pump: string) =>
    red(id, at, { do: 'open-console', console: id, pump });
  const read = (console: string, at: string) =>
    red(`read-${console}`, at, { do: 'console-command', console, say: { command: 'identify' } });
  const fleet = ['LVP-0001', 'LVP-0002'].map((serial) => ({
    ...{ model: 'lvp', serial, careArea: 'adult-icu', firmware: '1.0.0' },
  }));
  const steps = [
    approve,
    come,
    open('approved', '70s', 'LVP-0001'),
    read('approved', '75s'),
    open('other', '80s', 'LVP-0002'),
    read('approved', '125s'),
  ].map((step, index) => ({ ...step, id: `${step.id}-${index}` }));

  test('reaches through the bastion the one service that was approved, for as long as it was', async () => {
    const scenario = scenarioWith([], { fleet, steps, ...from('outside') });
    const { observation } = await carryOut(scenario, without('services-off'));
    expect(outcomes(observation)).toEqual([
      'succeeded',
      'succeeded',
      'succeeded',
      'succeeded',
      'refused',
      'refused',
    ]);
    const bastion = observation.evidence.filter(({ event }) => event.startsWith('vendor.'));
    expect(bastion.map(({ event, simulatedMs }) => [event, simulatedMs])).toEqual([
      ['vendor.approved', 60_000],
      ['vendor.arrived', 65_000],
      ['vendor.session-opened', 65_000],
      ['vendor.session-ended', 120_000],
    ]);
    const met = observation.evidence.filter(({ event }) => event === 'service.connected');
    expect(met).toMatchObject([{ source: 'pump:LVP-0001', zone: 'remote-access' }]);
  });

  test('is none without an approval', async () => {
    const scenario = scenarioWith([], { fleet, steps: steps.slice(1, 3), ...from('outside') });
    const { observation } = await carryOut(scenario, without('services-off'));
    expect(outcomes(observation)).toEqual(['refused', 'refused']);
  });

  test('without the bastion reaches every pump', async () => {
    const scenario = scenarioWith([], { fleet, steps: steps.slice(1, 5), ...from('outside') });
    const { observation } = await carryOut(scenario, without('services-off', 'vendor-bastion'));
    expect(outcomes(observation)).toEqual(['succeeded', 'succeeded', 'succeeded', 'succeeded']);
  });
});

describe('whoever asks the enrolment service to be a pump of the ward', () => {
  const enrolling = { enrolment: { certificateLifetime: '60m' } };
  const steps = [
    { do: 'enrol', as: stolen('pump', 'LVP-0009'), pump: 'LVP-0001', keepAs: 'papers' },
    {
      ...{ do: 'connect', connection: 'double', to: 'broker', listener: 'tls' },
      as: {
        ...{ credential: 'extracted-certificate', from: 'papers' },
        claims: { kind: 'pump', id: 'LVP-0001' },
      },
    },
    {
      ...{ do: 'forge-uplink', connection: 'double', pump: 'LVP-0001' },
      ...{ say: { what: 'all-well' }, signedWith: 'papers' },
    },
  ];
  const told = ({ steps: taken }: Observation) => taken.map(({ outcome, detail }) => `${outcome}: ${detail}`);

  test('is refused, and the name is no use to it', async () => {
    const { observation } = await carryOut(scenarioWith(steps, enrolling), all);
    expect(told(observation)).toEqual([
      expect.stringMatching(/^refused: 403: other-name/),
      'skipped: it has got hold of no key "papers"',
      'skipped: it has got hold of no key "papers"',
    ]);
    const denied = observation.evidence.filter(({ event }) => event === 'enrolment.denied');
    expect(denied).toMatchObject([
      { control: 'enrolment-policy', cause: expect.stringMatching(/^not-authenticated/) },
      { control: 'enrolment-policy', cause: expect.stringMatching(/^other-name/) },
    ]);
  });

  test('is that pump to everybody where the service gives each what it asks for', async () => {
    const { observation } = await carryOut(scenarioWith(steps, enrolling), without('enrolment-policy'));
    expect(outcomes(observation)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    // No signature tells: it is signed in the name of that pump.
    expect(observation.believedForgeries.map(({ by, topic }) => `${by} ${topic}`)).toContain(
      'nurse-station pumps/LVP-0001/status',
    );
    const opened = observation.evidence.filter(
      ({ event, subject }) => event === 'session.opened' && subject === 'urn:pumprange:pump:LVP-0001',
    );
    expect(new Set(opened.map(({ certificateFingerprint }) => certificateFingerprint)).size).toBe(2);
  });

  test('finds it closed from among the guests', async () => {
    const [ask] = steps;
    const guest = await carryOut(
      scenarioWith([ask!], { ...enrolling, ...from('guest') }),
      without('enrolment-policy'),
    );
    expect(outcomes(guest.observation)).toEqual(['refused']);
    expect(denials(guest.observation)).toMatchObject([{ control: 'zone-segmentation', object: 'est/est' }]);
  });
});

test('a network rehearsal is the same again', async () => {
  const scenario = scenarioWith(
    [{ do: 'probe' }, { do: 'join-network', zone: 'medical-devices', as: nobody }, { do: 'probe' }],
    from('guest'),
  );
  const [one, other] = [await carryOut(scenario, all), await carryOut(scenario, all)];
  expect(other.transcript).toBe(one.transcript);
});
