import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide } from '../../broker/index.ts';
import {
  CONTROL_IDS,
  type ControlId,
  filterMatches,
  type Identity,
  KINDS,
  type Kind,
  PUMP_TOPICS,
} from '../../protocol/index.ts';

const ALL: ReadonlySet<ControlId> = new Set(CONTROL_IDS);
const without = (...ids: ControlId[]): ReadonlySet<ControlId> =>
  new Set(CONTROL_IDS.filter((id) => !ids.includes(id)));

const DIGEST = 'ab'.repeat(32);
const MINE = 'LVP-0001';
const OTHER = 'LVP-0002';

/** Topic class → its topic for a serial number. */
const CLASSES: Readonly<Record<string, (serial: string) => string>> = {
  ...Object.fromEntries(PUMP_TOPICS.map((topic) => [topic, (serial: string) => `pumps/${serial}/${topic}`])),
  ceiling: () => 'ceilings/adult-icu/release',
  library: () => 'libraries/adult-icu/release',
  configuration: () => 'configurations/adult-icu/release',
  firmware: () => 'firmware/lvp/release',
  request: (serial) => `artifacts/${DIGEST}/request/${serial}`,
  chunk: (serial) => `artifacts/${DIGEST}/chunk/${serial}/0`,
};

const TELLS = 'status telemetry alarm event ack';

/** Written down again from the design, not read from the rules: who may do what to whose. */
const TABLE: Readonly<
  Record<Kind, { publishOwn?: string; publishAny?: string; readOwn?: string; readAny?: string }>
> = {
  pump: {
    publishOwn: `${TELLS} patient request`,
    readOwn: 'command order receipt renewal chunk',
    readAny: 'ceiling library configuration firmware',
  },
  'pump-server': {
    publishAny: 'receipt renewal ceiling library configuration firmware chunk',
    readAny: `${TELLS} request`,
  },
  'nurse-station': { publishAny: 'command', readAny: `${TELLS} patient` },
  gateway: { publishAny: 'order', readAny: `${TELLS} patient` },
  observer: { readAny: `${TELLS} command order receipt renewal ceiling library configuration firmware` },
  vendor: { readAny: 'status firmware' },
  broker: {},
  'est-server': {},
  nurse: {},
  pharmacist: {},
  biomed: {},
  'clinical-engineer': {},
  security: {},
};

const mentions = (list: string | undefined, name: string): boolean =>
  list?.split(' ').includes(name) === true;
const mayPublish = (kind: Kind, name: string, serial: string): boolean =>
  mentions(TABLE[kind].publishAny, name) || (serial === MINE && mentions(TABLE[kind].publishOwn, name));
const mayRead = (kind: Kind, name: string, serial: string): boolean =>
  mentions(TABLE[kind].readAny, name) || (serial === MINE && mentions(TABLE[kind].readOwn, name));

const rows = KINDS.flatMap((kind) =>
  Object.entries(CLASSES).flatMap(([name, topicOf]) =>
    [MINE, OTHER].map((serial) => ({ kind, name, serial, topic: topicOf(serial) })),
  ),
);

describe('with every control on', () => {
  test.each(rows)('$kind, $name of $serial', ({ kind, name, serial, topic }) => {
    const identity: Identity = { kind, id: MINE };
    const publishing = decide(identity, { action: 'publish', topic, retain: false }, ALL);
    expect(publishing.allowed).toBe(mayPublish(kind, name, serial));
    if (!publishing.allowed) expect(publishing.control).toBe('topic-authorization');

    const reading = decide(identity, { action: 'subscribe', filter: topic }, ALL);
    expect(reading.allowed).toBe(mayRead(kind, name, serial));
    if (!reading.allowed) expect(reading.control).toBe('topic-authorization');
  });

  test('nobody publishes on a topic that is none of ours, or on a filter', () => {
    for (const kind of KINDS) {
      for (const topic of [
        '',
        'x',
        '$SYS/x',
        'pumps/+/command',
        'pumps/#',
        '#',
        `pumps/${MINE}/command/`,
        `pumps/${MINE}/x`,
      ]) {
        expect(decide({ kind, id: MINE }, { action: 'publish', topic, retain: false }, ALL).allowed).toBe(
          false,
        );
      }
    }
  });

  test('nobody subscribes to everything, to all of a pump, to the broker’s own, or to nothing', () => {
    const filters = [
      '#',
      '+/#',
      '+/+/+',
      'pumps/#',
      `pumps/${MINE}/#`,
      'pumps/+/+',
      '$SYS/#',
      '$share/g/pumps/+/status',
      '',
      'x',
      '+',
    ];
    for (const kind of KINDS) {
      for (const filter of filters) {
        expect([
          kind,
          filter,
          decide({ kind, id: MINE }, { action: 'subscribe', filter }, ALL).allowed,
        ]).toEqual([kind, filter, false]);
      }
    }
  });

  test('wildcards that reach no more than one may read are granted', () => {
    for (const [kind, filter] of [
      ['observer', 'pumps/+/telemetry'],
      ['observer', 'pumps/+/telemetry/#'],
      ['observer', 'libraries/#'],
      ['observer', '+/+/release'],
      ['pump', `+/${MINE}/command`],
      ['pump', `artifacts/+/chunk/${MINE}/#`],
      ['pump', 'libraries/+/release'],
      ['pump-server', 'artifacts/+/request/+'],
      ['nurse-station', 'pumps/+/patient'],
    ] as const) {
      expect([
        kind,
        filter,
        decide({ kind, id: MINE }, { action: 'subscribe', filter }, ALL).allowed,
      ]).toEqual([kind, filter, true]);
    }
  });
});

test('no subscription that is granted reaches a topic that its holder may not read', () => {
  // Some serials look like levels of other topics.
  const serials = [MINE, OTHER, 'status', 'request', 'release'];
  const topics = Object.entries(CLASSES).flatMap(([name, topicOf]) =>
    serials.map((serial) => ({ name, serial, topic: topicOf(serial) })),
  );
  const level = fc.constantFrom(
    ...['+', '+', '#', 'pumps', 'libraries', 'firmware', 'artifacts', 'request', 'chunk', 'release', '0', ''],
    ...[
      DIGEST,
      'adult-icu',
      'lvp',
      MINE,
      OTHER,
      'status',
      'telemetry',
      'command',
      'patient',
      'order',
      '$SYS',
    ],
  );
  const derived = fc
    .tuple(
      fc.constantFrom(...topics),
      fc.array(fc.constantFrom('keep', 'keep', '+', '#', 'cut'), { maxLength: 6 }),
    )
    .map(([{ topic }, edits]) => {
      const levels = topic.split('/');
      for (const [index, edit] of edits.entries()) {
        if (levels[index] === undefined || edit === 'keep') continue;
        if (edit === '+') levels[index] = '+';
        else return [...levels.slice(0, index), ...(edit === '#' ? ['#'] : [])].join('/');
      }
      return levels.join('/');
    });
  const filters = fc.oneof(
    derived,
    fc.array(level, { minLength: 1, maxLength: 6 }).map((levels) => levels.join('/')),
  );
  let granted = 0;
  fc.assert(
    fc.property(fc.constantFrom(...KINDS), filters, (kind, filter) => {
      if (!decide({ kind, id: MINE }, { action: 'subscribe', filter }, ALL).allowed) return;
      granted += 1;
      for (const { name, serial, topic } of topics) {
        if (filterMatches(filter, topic))
          expect([filter, topic, mayRead(kind, name, serial)]).toEqual([filter, topic, true]);
      }
    }),
    { numRuns: 20_000 },
  );
  expect(granted).toBeGreaterThan(200);
});

describe('what is retained', () => {
  const retain = (kind: Kind, topic: string, controls: ReadonlySet<ControlId>) =>
    decide({ kind, id: MINE }, { action: 'publish', topic, retain: true }, controls);

  test.each(Object.entries(CLASSES))('%s', (name, topicOf) => {
    const topic = topicOf(MINE);
    const kind = KINDS.find((one) => mayPublish(one, name, MINE))!;
    const decision = retain(kind, topic, ALL);
    if (['status', 'ceiling', 'library', 'configuration', 'firmware'].includes(name))
      expect(decision).toEqual({ allowed: true });
    else expect(decision).toMatchObject({ allowed: false, control: 'retained-guard' });
    expect(retain(kind, topic, without('retained-guard')).allowed).toBe(true);
  });

  test('is guarded by itself where topics are not', () => {
    const open = without('topic-authorization');
    expect(retain('vendor', `pumps/${OTHER}/command`, open)).toMatchObject({ control: 'retained-guard' });
    expect(retain('vendor', 'anything/else', open)).toMatchObject({ control: 'retained-guard' });
    expect(retain('vendor', 'anything/else', without('topic-authorization', 'retained-guard')).allowed).toBe(
      true,
    );
  });
});

test('without topic authorisation everybody may say and read anything', () => {
  const open = without('topic-authorization');
  for (const { kind, topic } of rows) {
    expect(decide({ kind, id: MINE }, { action: 'publish', topic, retain: false }, open).allowed).toBe(true);
    expect(decide({ kind, id: MINE }, { action: 'subscribe', filter: '#' }, open).allowed).toBe(true);
  }
});

test('a machine that bears a pump’s serial number as its id has none of that pump’s rights', () => {
  for (const kind of KINDS.filter((one) => one !== 'pump')) {
    const publishing = decide(
      { kind, id: MINE },
      { action: 'publish', topic: `pumps/${MINE}/telemetry`, retain: false },
      ALL,
    );
    expect([kind, publishing.allowed]).toEqual([kind, false]);
  }
});
