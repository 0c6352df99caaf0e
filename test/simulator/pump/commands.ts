import fc from 'fast-check';
import type {
  BedsideAction,
  BedsideRole,
  PhysicalEvent,
  ProgrammeEntry,
} from '../../../simulator/pump/index.ts';

/** One thing that may happen to a pump in a random sequence, sensible or not. */
export type Happening =
  | { readonly what: 'key'; readonly role: BedsideRole; readonly action: BedsideAction }
  | { readonly what: 'cause'; readonly event: PhysicalEvent }
  | { readonly what: 'link'; readonly state: 'offline' | 'connecting' | 'online' }
  | { readonly what: 'remote-rate'; readonly rateMlPerH: number }
  /** With the right code or a wrong one: only the pump knows its own. */
  | { readonly what: 'code'; readonly key: 'unlock' | 'enter-service'; readonly right: boolean }
  | { readonly what: 'remote-pause' }
  | { readonly what: 'firmware'; readonly version: string; readonly fails: boolean }
  | { readonly what: 'library'; readonly version: string }
  | { readonly what: 'wait'; readonly ms: number };

const channel = fc.constantFrom('A', 'A', 'A', 'A', 'A', 'A', 'B', 'Z');
const rateMlPerH = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(0.5, 2, 5, 9, 12, 40, 80, 125, 999) },
  { weight: 2, arbitrary: fc.double({ min: 0, max: 1_200, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1, 0) },
);
const volumeMl = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(1, 2, 10, 50, 250) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, -3, 0, 1e9) },
);
const drug = fc.constantFrom(
  'norepinephrine',
  'vasopressin',
  'morphine',
  'sodium chloride 0.9%',
  'propofol',
  'potassium chloride peripheral',
  'midazolam',
  'water',
  null,
);
/** Light, usual, heavy and impossible; many programmes go without. */
const weight = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(10, 30, 70, 200, 400, -1, Number.NaN).map((weightKg) => ({ weightKg })),
  },
);
const entry = <T extends object>(more: fc.Arbitrary<T>) =>
  fc
    .tuple(
      fc.record({ orderId: fc.constant('o'), drug, rateMlPerH, volumeToBeInfusedMl: volumeMl }),
      weight,
      more,
    )
    .map(([record, weighed, rest]) => ({ ...record, ...weighed, ...rest }));
const overrideSoftLimit = fc.boolean();

const action: fc.Arbitrary<BedsideAction> = fc.oneof(
  fc.record({ action: fc.constant('power-on' as const), newPatient: fc.boolean() }),
  fc.record({ action: fc.constant('power-off' as const) }),
  fc.record({
    action: fc.constant('programme' as const),
    channel,
    programme: entry(fc.constant({})),
  }),
  fc.record({ action: fc.constant('confirm' as const), channel, overrideSoftLimit }),
  fc.record({
    action: fc.constant('programme' as const),
    channel,
    programme: entry(fc.record({ loading: fc.record({ volumeMl, rateMlPerH }) })),
  }),
  fc.record({
    action: fc.constant('programme-secondary' as const),
    channel,
    programme: entry(fc.constant({})),
    overrideSoftLimit,
  }),
  fc.record({
    action: fc.constantFrom(
      'start',
      'pause',
      'resume',
      'stop',
      'pca-demand',
      'recall',
      'start-secondary',
      'stop-secondary' as const,
    ),
    channel,
  }),
  fc.record({
    action: fc.constant('change-dose' as const),
    channel,
    dose: fc.constantFrom(0.01, 1, 5, 20, 400, Number.NaN, -1),
    overrideSoftLimit,
  }),
  fc.record({
    action: fc.constant('configure' as const),
    channel,
    setting: fc.record({
      name: fc.constantFrom(
        'occlusionLimitMmHg',
        'airLimitMicroL',
        'keepVeinOpenMlPerH',
        'autoRestarts' as const,
      ),
      value: fc.constantFrom(0, 1, 9, 20, 50, 250, 525, Number.NaN),
    }),
  }),
  fc.record({ action: fc.constantFrom('lock', 'leave-service' as const) }),
  fc.record({ action: fc.constant('change-rate' as const), channel, rateMlPerH, overrideSoftLimit }),
  fc.record({ action: fc.constant('bolus' as const), channel, volumeMl, overrideSoftLimit }),
  fc.record({ action: fc.constantFrom('silence', 'clear' as const) }),
);

const cause: fc.Arbitrary<PhysicalEvent> = fc.oneof(
  fc.record({
    event: fc.constantFrom(
      'line-clamped',
      'line-opened',
      'air-purged',
      'door-opened',
      'door-closed',
      'supply-clamped',
      'supply-opened',
      'set-misloaded',
      'set-loaded',
      'barrel-unclamped',
      'barrel-clamped',
      'plunger-disengaged',
      'plunger-engaged',
      'channel-detached',
      'channel-attached' as const,
    ),
    channel,
  }),
  fc.record({ event: fc.constant('reservoir-changed' as const), channel, volumeMl }),
  fc.record({
    event: fc.constant('air-entered' as const),
    channel,
    volumeMicroL: fc.constantFrom(20, 150, -1, Number.NaN),
  }),
  fc.record({
    event: fc.constant('reservoir-changed' as const),
    channel,
    volumeMl: fc.constantFrom(0.5, 4, 40),
    syringeMl: fc.constantFrom(1, 5, 50),
  }),
  fc.record({ event: fc.constant('secondary-hung' as const), channel, volumeMl }),
  fc.record({
    event: fc.constant('air-leaking' as const),
    channel,
    microLPerMl: fc.constantFrom(0, 20, 400, -1, Number.NaN),
  }),
  fc.record({
    event: fc.constant('motor-slipping' as const),
    channel,
    share: fc.constantFrom(1, 0, 0.5, 1.5, -1, Number.NaN),
  }),
  fc.record({
    event: fc.constantFrom('sensor-failed', 'sensor-repaired' as const),
    channel,
    sensor: fc.constantFrom('pressure', 'air', 'flow' as const),
  }),
  fc.record({
    event: fc.constant('temperature-changed' as const),
    celsius: fc.constantFrom(20, 52, 60, Number.NaN),
  }),
  fc.record({
    event: fc.constantFrom(
      'mains-lost',
      'mains-restored',
      'mains-restored',
      'key-stuck',
      'key-released',
      'controller-hung',
      'controller-recovered',
      'controller-recovered',
      'battery-failed',
      'battery-replaced',
      'library-corrupted' as const,
    ),
  }),
);

const once: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      what: fc.constant('key' as const),
      role: fc.constantFrom<BedsideRole>(
        'nurse',
        'nurse',
        'nurse',
        'nurse',
        'nurse',
        'patient',
        'biomed',
        'pharmacist',
      ),
      action,
    }),
  },
  { weight: 5, arbitrary: fc.record({ what: fc.constant('cause' as const), event: cause }) },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('link' as const),
      state: fc.constantFrom('offline', 'connecting', 'online' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('remote-rate' as const), rateMlPerH }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('remote-pause' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('code' as const),
      key: fc.constantFrom('unlock', 'enter-service' as const),
      right: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('firmware' as const),
      version: fc.constant('1.1.0'),
      fails: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('library' as const), version: fc.constant('1.1.0') }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      what: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 997, 30_000, 70_000, 400_000, 3_600_000),
    }),
  },
);

/** A start that leads somewhere, then anything: pure chance would rarely get past the self-test. */
const prelude: Happening[] = [
  { what: 'key', role: 'nurse', action: { action: 'power-on', newPatient: true } },
  { what: 'wait', ms: 70_000 },
];
const infusing = (
  name: string | null,
  rate: number,
  volume: number,
  more: Partial<ProgrammeEntry> = {},
): Happening[] => [
  {
    what: 'key',
    role: 'nurse',
    action: {
      action: 'programme',
      channel: 'A',
      programme: { orderId: 'o', drug: name, rateMlPerH: rate, volumeToBeInfusedMl: volume, ...more },
    },
  },
  { what: 'key', role: 'nurse', action: { action: 'confirm', channel: 'A', overrideSoftLimit: true } },
  { what: 'key', role: 'nurse', action: { action: 'start', channel: 'A' } },
];

const press = (action: BedsideAction): Happening => ({ what: 'key', role: 'nurse', action });
const saline = { orderId: 'o', drug: 'sodium chloride 0.9%', rateMlPerH: 100, volumeToBeInfusedMl: 50 };
/** A second bag above what infuses. */
const secondOf = (programme: ProgrammeEntry): Happening[] => [
  { what: 'cause', event: { event: 'secondary-hung', channel: 'A', volumeMl: 50 } },
  press({ action: 'programme-secondary', channel: 'A', programme, overrideSoftLimit: true }),
  press({ action: 'start-secondary', channel: 'A' }),
];
const change = (rate: number): BedsideAction => ({
  action: 'change-rate',
  channel: 'A',
  rateMlPerH: rate,
  overrideSoftLimit: true,
});

/** How a sequence may begin: with a therapy that runs, or with an attempt at what no pump may take. */
export const OPENINGS: readonly Happening[][] = [
  [],
  prelude,
  [...prelude, ...infusing('vasopressin', 8, 50)],
  [...prelude, ...infusing('morphine', 2, 2)],
  [...prelude, ...infusing('sodium chloride 0.9%', 125, 250)],
  [...prelude, ...infusing('sodium chloride 0.9%', 125, 250, { loading: { volumeMl: 50, rateMlPerH: 300 } })],
  [...prelude, ...infusing('sodium chloride 0.9%', 125, 250), ...secondOf(saline)],
  [...prelude, ...infusing('potassium chloride peripheral', 60, 50)],
  [
    ...prelude,
    ...infusing('propofol', 20, 50, { weightKg: 70 }),
    press({ action: 'bolus', channel: 'A', volumeMl: 2 }),
  ],
  // What no pump may take: each beyond one hard limit.
  [...prelude, ...infusing('propofol', 2, 50, { weightKg: 10 })],
  [...prelude, ...infusing('propofol', 2, 50, { weightKg: 400 })],
  [...prelude, ...infusing('potassium chloride peripheral', 140, 50)],
  [...prelude, ...infusing('potassium chloride peripheral', 60, 50), press(change(140))],
  [
    ...prelude,
    ...infusing('sodium chloride 0.9%', 125, 300, { loading: { volumeMl: 260, rateMlPerH: 300 } }),
  ],
  [
    ...prelude,
    ...infusing('midazolam', 2, 50),
    press({ action: 'bolus', channel: 'A', volumeMl: 5.5, overrideSoftLimit: true }),
  ],
  // More than the largest volume, though less than the largest amount.
  [
    ...prelude,
    ...infusing('morphine', 1, 50),
    press({ action: 'bolus', channel: 'A', volumeMl: 3.5, overrideSoftLimit: true }),
  ],
  [
    ...prelude,
    ...infusing('sodium chloride 0.9%', 125, 250),
    ...secondOf({ orderId: 'o', drug: 'vasopressin', rateMlPerH: 90, volumeToBeInfusedMl: 50 }),
  ],
];

/** Random sequences, each with one of the openings. */
export const happenings: fc.Arbitrary<Happening[]> = fc
  .tuple(fc.constantFrom(...OPENINGS), fc.array(once, { minLength: 1, maxLength: 40 }))
  .map(([first, then]) => [...first, ...then]);
