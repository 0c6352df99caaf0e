import { describe, expect, it } from 'vitest';
import { type AnyStateNode, type AnyTransitionDefinition, createActor } from 'xstate';
import { type Random, seededRandom } from '../../../clock/index.ts';
import { loadModels, type PumpModel } from '../../../simulator/models/index.ts';
import type { BedsideAction, PhysicalEvent } from '../../../simulator/pump/bedside.ts';
import type { PumpContext } from '../../../simulator/pump/context.ts';
import { bedsideEvent, type PumpEvent, physicalEvent } from '../../../simulator/pump/events.ts';
import { pumpMachine } from '../../../simulator/pump/machine.ts';
import { nextDue } from '../../../simulator/pump/next-due.ts';
import { firmwareOf, modelOf, NOREPINEPHRINE, sampleLibrary } from './rig.ts';

/**
 * Drives the machine itself through random lives that are guided: where a transition that was not reached yet could be
 * taken, an event that it waits for is likelier, and the habits of a ward lead further than single keys. The seed is fixed.
 */
const MOST_WALKS = 4_000;
const MOST_STEPS = 40;

const CODES = { nurse: '1111', biomed: '2222' };
const BAD_CODE = '0000';
const HOUR_MS = 3_600_000;
const LIBRARY = sampleLibrary();
/** Its care area keeps no vein open: a programme ends in `complete` on any model. */
const NEXT_LIBRARY = { ...LIBRARY, sequence: 2, maximumKeepVeinOpenMlPerH: 0 };
const FIRMWARE = firmwareOf('lvp', '1.0.0');

/** An event that has no time yet. */
type Untimed = (atMs: number) => PumpEvent;

/** All that can happen to a pump of that model from outside, sensible or not. */
function happeningsOf(model: PumpModel): Untimed[] {
  const { channels } = model;
  const key = (press: BedsideAction, role: 'nurse' | 'biomed' | 'patient' = 'nurse') => [
    (atMs: number) => bedsideEvent(atMs, role, press),
  ];
  const cause = (event: PhysicalEvent) => [(atMs: number) => physicalEvent(atMs, event)];
  const plain = (type: 'link.offline' | 'link.connecting' | 'link.online' | 'keypad.touched') => [
    (atMs: number): PumpEvent => ({ type, atMs }),
  ];
  const drug = model.pca === null ? 'sodium chloride 0.9%' : 'morphine';
  const slow =
    model.pca === null
      ? { rateMlPerH: 60, volumeToBeInfusedMl: 30 }
      : { rateMlPerH: 1, volumeToBeInfusedMl: 5 };
  const loading = model.pca === null ? { volumeMl: 10, rateMlPerH: 120 } : { volumeMl: 2, rateMlPerH: 30 };
  const running = { orderId: 'o', drug: null, ...slow };
  const ofChannel = (channel: string): Untimed[][] => [
    ...[
      running,
      { ...running, drug },
      { ...running, drug: 'norepinephrine', rateMlPerH: 1 },
      { ...running, volumeToBeInfusedMl: 1 },
      { ...running, loading },
      { ...running, volumeToBeInfusedMl: loading.volumeMl, loading },
      { ...running, rateMlPerH: 5_000 },
    ].map((programme) => key({ action: 'programme', channel, programme })),
    key({ action: 'confirm', channel, overrideSoftLimit: true }),
    key({ action: 'confirm', channel }),
    ...(['recall', 'start', 'pause', 'resume', 'stop', 'start-secondary', 'stop-secondary'] as const).map(
      (action) => key({ action, channel }),
    ),
    key({ action: 'pca-demand', channel }, 'patient'),
    ...[1, 5, 5_000].map((rateMlPerH) =>
      key({ action: 'change-rate', channel, rateMlPerH, overrideSoftLimit: true }),
    ),
    ...[1, 1e6].map((dose) => key({ action: 'change-dose', channel, dose, overrideSoftLimit: true })),
    ...[1, 3, 500].map((volumeMl) => key({ action: 'bolus', channel, volumeMl })),
    ...[{ ...running, volumeToBeInfusedMl: 5 }, NOREPINEPHRINE, { ...running, rateMlPerH: -1 }].map(
      (programme) => key({ action: 'programme-secondary', channel, programme, overrideSoftLimit: true }),
    ),
    ...[0, 3].map((value) => key({ action: 'configure', channel, setting: { name: 'autoRestarts', value } })),
    key({ action: 'configure', channel, setting: { name: 'airLimitMicroL', value: 1 } }),
    ...(
      [
        'line-clamped',
        'line-opened',
        'supply-clamped',
        'supply-opened',
        'air-purged',
        'door-opened',
        'door-closed',
        'set-misloaded',
        'set-loaded',
        'barrel-unclamped',
        'barrel-clamped',
        'plunger-disengaged',
        'plunger-engaged',
        'channel-detached',
        'channel-attached',
      ] as const
    ).map((event) => cause({ event, channel })),
    ...[0, 2, 40].map((volumeMl) => cause({ event: 'reservoir-changed', channel, volumeMl })),
    ...[2, 50].map((volumeMl) => cause({ event: 'secondary-hung', channel, volumeMl })),
    cause({ event: 'air-entered', channel, volumeMicroL: 300 }),
    ...[0, 500].map((microLPerMl) => cause({ event: 'air-leaking', channel, microLPerMl })),
    ...[0.5, 1].map((share) => cause({ event: 'motor-slipping', channel, share })),
    ...(['sensor-failed', 'sensor-repaired'] as const).map((event) =>
      cause({ event, channel, sensor: 'air' }),
    ),
    [(atMs) => ({ type: 'remote.set-rate', atMs, channel, rateMlPerH: 5 })],
    [(atMs) => ({ type: 'remote.set-rate', atMs, channel, rateMlPerH: 5_000 })],
    [(atMs) => ({ type: 'remote.pause', atMs, channel })],
    ...[1, 500].map((volumeMl): Untimed[] => [(atMs) => ({ type: 'remote.bolus', atMs, channel, volumeMl })]),
    ...[50, 1].map((occlusionLimitMmHg): Untimed[] => [
      (atMs) => ({ type: 'remote.set-alarm-limit', atMs, channel, occlusionLimitMmHg }),
    ]),
  ];
  return [
    ...channels.flatMap(ofChannel),
    ...[true, false].map((newPatient) => key({ action: 'power-on', newPatient })),
    ...(['power-off', 'silence', 'clear', 'lock'] as const).map((action) => key({ action })),
    ...[CODES.nurse, BAD_CODE].map((code) => key({ action: 'unlock', code })),
    ...[CODES.biomed, BAD_CODE].map((code) => key({ action: 'enter-service', code }, 'biomed')),
    key({ action: 'break-glass', reason: 'code-not-known' }),
    key({ action: 'break-glass', reason: 'because' as never }),
    key({ action: 'leave-service' }, 'biomed'),
    ...(
      [
        'key-stuck',
        'key-released',
        'controller-hung',
        'controller-recovered',
        'battery-failed',
        'battery-replaced',
        'library-corrupted',
        'mains-lost',
        'mains-restored',
      ] as const
    ).map((event) => cause({ event })),
    ...[20, 52, 70].map((celsius) => cause({ event: 'temperature-changed', celsius })),
    plain('link.offline'),
    plain('link.connecting'),
    plain('link.online'),
    plain('keypad.touched'),
    [
      (atMs: number): PumpEvent => ({
        type: 'access.denied',
        atMs,
        action: 'start',
        role: 'patient',
        channel: 'A',
        reason: 'not theirs',
        control: null,
      }),
    ],
    ...(['library', 'firmware'] as const).flatMap((what) => [
      [(atMs: number): PumpEvent => ({ type: `${what}.download-started`, atMs, version: '1' })],
      [(atMs: number): PumpEvent => ({ type: `${what}.download-ended`, atMs, version: '1' })],
      [
        (atMs: number): PumpEvent => ({
          type: `${what}.refused`,
          atMs,
          version: '1',
          reason: 'no',
          control: null,
        }),
      ],
    ]),
    [(atMs: number): PumpEvent => ({ type: 'library.offered', atMs, library: NEXT_LIBRARY })],
    ...(['pending', 'inUse'] as const).map((place) => [
      (atMs: number): PumpEvent => ({ type: 'library.ruled-out', atMs, place, reason: 'too high' }),
    ]),
    [(atMs: number): PumpEvent => ({ type: 'ceiling.taken', atMs, version: '1.1.0', sequence: 2 })],
    [
      (atMs: number): PumpEvent => ({
        type: 'ceiling.refused',
        atMs,
        ...{ version: '1.1.0', reason: 'unsigned', control: null },
      }),
    ],
    [
      (atMs: number): PumpEvent => ({
        type: 'configuration.refused',
        atMs,
        ...{ version: '1.1.0', reason: 'unsigned', control: null },
      }),
    ],
    [
      (atMs: number): PumpEvent => ({
        type: 'configuration.taken',
        atMs,
        configuration: {
          ...{ id: 'x', version: '1.0.0', sequence: 1 },
          settings: {
            timeServer: '127.0.0.1',
            networkProfile: 'x',
            brokerAddress: { host: '127.0.0.1', port: 1 },
            alarms: {},
          },
        },
      }),
    ],
    [
      (atMs: number): PumpEvent => ({
        type: 'setting.written',
        ...{ atMs, channel: 'A', by: 'console', whileRunning: true },
        setting: { name: 'autoRestarts', value: 3 },
      }),
      (atMs: number): PumpEvent => ({
        type: 'calibration.written',
        ...{ atMs, channel: 'A', share: 1.5, by: 'console' },
      }),
      (atMs: number): PumpEvent => ({ type: 'library.written', atMs, library: LIBRARY, by: 'console' }),
    ],
    ...(['passes', 'fails', 'hangs'] as const).map((selfTest) => [
      (atMs: number): PumpEvent => ({
        type: 'firmware.offered',
        atMs,
        personality: { ...firmwareOf('lvp', '1.1.0'), model: model.id, selfTest },
        window: null,
      }),
    ]),
    [(atMs: number): PumpEvent => ({ type: 'firmware.withdrawn', atMs, version: '1.1.0' })],
    [
      (atMs: number): PumpEvent => ({
        type: 'firmware.window',
        atMs,
        version: '1.1.0',
        window: { fromMs: atMs + 1_000, untilMs: atMs + 3_600_000 },
      }),
    ],
  ].flat();
}

/** Every state and every transition that the machine has, each with a name for people. */
function partsOf(root: AnyStateNode) {
  const states = new Map<AnyStateNode, string>();
  const transitions = new Map<AnyTransitionDefinition, string>();
  const visit = (node: AnyStateNode): void => {
    states.set(node, node.path.join('.') || '(root)');
    const own = [...[...node.transitions.values()].flat(), ...(node.always ?? [])];
    for (const each of own) {
      const index = own.filter(({ eventType }) => eventType === each.eventType).indexOf(each);
      const target = each.target?.map(({ path }) => path.join('.')).join(' ') ?? '(stays)';
      transitions.set(
        each,
        `${node.path.join('.') || '(root)'} --${each.eventType || 'always'}[${index}]--> ${target}`,
      );
    }
    for (const child of Object.values(node.states)) visit(child);
  };
  visit(root);
  return { states, transitions };
}

/** An event, a wait in milliseconds, or until what is due next. */
type Move = Untimed | number | 'next';

/** Several moves in a row that chance alone would rarely find: the ways of a ward. */
function habitsOf(model: PumpModel, events: readonly Untimed[]): Move[][] {
  const pick = (fits: (event: PumpEvent) => boolean): Untimed[] => events.filter((event) => fits(event(0)));
  const isPress = (event: PumpEvent, action: string, id: string): boolean =>
    'press' in event &&
    event.press.action === action &&
    'channel' in event.press &&
    event.press.channel === id;
  const mended = new Set(
    [
      ...['line-opened', 'supply-opened', 'air-purged', 'door-closed', 'set-loaded', 'barrel-clamped'],
      ...['plunger-engaged', 'channel-attached', 'sensor-repaired', 'key-released', 'controller-recovered'],
      ...['battery-replaced', 'mains-restored'],
    ].map((name) => `physical.${name}`),
  );
  const mend = [
    ...pick(({ type }) => mended.has(type)),
    ...pick((event) => event.type === 'physical.reservoir-changed' && event.cause.volumeMl === 40),
    ...pick((event) => event.type === 'physical.temperature-changed' && event.cause.celsius === 20),
    ...pick(({ type }) => type === 'bedside.clear'),
  ];
  const named = (...types: readonly string[]): Untimed[] =>
    types.flatMap((type) => pick((event) => event.type === type).slice(0, 1));
  const cut: Move[] = [...named('physical.battery-failed', 'physical.mains-lost'), 'next', 'next', 'next'];
  const again = pick((event) => event.type === 'bedside.power-on' && !event.press.newPatient);
  const offered = named('firmware.offered');
  const habits: Move[][] = [
    mend,
    [...offered, ...cut],
    named('library.offered', 'bedside.power-off', 'bedside.power-on'),
    ...(['bedside.unlock', 'bedside.enter-service'] as const).map((type): Move[] => {
      const wrong = pick((event) => event.type === type && event.press.code === BAD_CODE);
      return [...named('bedside.lock'), ...wrong, ...wrong, ...wrong];
    }),
    [...named('physical.mains-lost'), 'next', 'next', ...named('physical.battery-replaced')],
    // Written, applied, on trial, confirmed or rolled back: with and without a supply, and with a key that ends it.
    [...offered, 'next', ...cut],
    [...offered, 'next', 'next', 'next', ...cut],
    ...pick(({ type }) => type === 'firmware.offered').flatMap((each): Move[][] => [
      [each, 'next', 'next', 'next', 'next', 'next'],
      [each, 'next', 'next', 'next', ...named('bedside.power-off')],
      [each, 'next', 'next', 'next', each, ...named('firmware.refused', 'firmware.download-started')],
    ]),
    // Put off, or taken back, before and after it is written.
    [...offered, ...named('firmware.window'), 1_000],
    [...offered, ...named('firmware.window'), 'next', 'next', 'next', 'next'],
    [...offered, ...named('firmware.withdrawn')],
    [...offered, ...named('firmware.window'), 900_000, ...named('firmware.window', 'firmware.withdrawn')],
    named('firmware.download-started', 'firmware.withdrawn'),
    [...named('bedside.power-off', 'physical.key-stuck'), ...again, 60_000, ...offered],
    ...model.channels.flatMap((id) => {
      const confirm = pick((event) => isPress(event, 'confirm', id)).slice(0, 1);
      const start = pick((event) => isPress(event, 'start', id));
      const second = pick(
        (event) => event.type === 'physical.secondary-hung' && event.cause.channel === id,
      ).map((hung) => [
        hung,
        ...pick((event) => isPress(event, 'programme-secondary', id)).slice(0, 1),
        ...pick((event) => isPress(event, 'start-secondary', id)),
      ]);
      const left = pick((event) => isPress(event, 'stop-secondary', id));
      const [clamped = [], opened = []] = ['line-clamped', 'line-opened'].map((name) =>
        pick(
          (event) =>
            event.type === `physical.${name}` &&
            'cause' in event &&
            'channel' in event.cause &&
            event.cause.channel === id,
        ),
      );
      const programmes = pick((event) => isPress(event, 'programme', id));
      const breaks = [
        ...pick((event) => isPress(event, 'pause', id)),
        ...pick((event) => isPress(event, 'resume', id)),
      ];
      const doseKeys = pick((event) => isPress(event, 'change-dose', id)).slice(0, 1);
      const doses = [
        ...pick((event) => isPress(event, 'bolus', id)).slice(0, 2),
        ...pick((event) => isPress(event, 'pca-demand', id)),
      ];
      const occluded: Move[] = [...clamped, 'next', ...opened];
      const low = pick(
        (event) =>
          event.type === 'physical.reservoir-changed' &&
          event.cause.channel === id &&
          event.cause.volumeMl === 2,
      );
      const stop = [...breaks.slice(0, 1), ...pick((event) => isPress(event, 'stop', id))];
      const short = [...programmes.slice(3, 4), ...confirm, ...start];
      const [largest = []] = [pick((event) => isPress(event, 'bolus', id)).slice(1, 2)];
      // Where no vein is kept open; then a programme that is refused, and the end.
      const areaStops: Move[] = [
        ...stop,
        ...named('library.offered', 'bedside.power-off', 'bedside.power-on'),
        60_000,
      ];
      const ends = [...programmes.slice(-1), ...pick((event) => isPress(event, 'stop', id))];
      const restarts = pick(
        (event) =>
          event.type === 'bedside.configure' &&
          event.press.channel === id &&
          event.press.setting.name === 'autoRestarts' &&
          event.press.setting.value === 3,
      );
      return [
        occluded,
        breaks,
        [...areaStops, ...short, ...largest, 'next', ...ends] as Move[],
        [...areaStops, ...short, 'next', 'next', ...ends] as Move[],
        [...stop, ...restarts, ...short, 'next', 'next', ...occluded] as Move[],
        ...second.flatMap((each) => {
          const runs = [...programmes.slice(0, 1), ...confirm, ...start, ...each];
          const late = [...runs.slice(0, -1), ...breaks.slice(0, 1), ...runs.slice(-1)];
          return [
            each,
            late,
            [...runs, ...breaks],
            [...runs, ...occluded],
            [...runs, 'next', 'next', 'next'] as Move[],
            [...runs, ...left, ...left],
            [...runs, ...breaks.slice(0, 1), ...left, ...left],
            [...runs, ...clamped, 'next', ...left, ...left] as Move[],
            [...runs.slice(0, -1), ...left, ...left],
          ];
        }),
        [...cut, ...mend, ...again, 60_000, ...pick((event) => isPress(event, 'recall', id))],
        [...mend, ...pick((event) => isPress(event, 'resume', id))],
        ...programmes.flatMap((programme) => {
          const started = [programme, ...confirm, ...start];
          const dosed = doses.map((dose): Move[] => [...started, dose, 'next']);
          const titrated = [...started, ...breaks.slice(0, 1), ...doseKeys];
          return [
            started,
            titrated,
            [...started, ...breaks],
            [...started, ...occluded],
            [...started, ...low, 'next'] as Move[],
            ...dosed,
          ];
        }),
      ];
    }),
  ];
  return habits;
}

class Walker {
  readonly #model: PumpModel;
  readonly #states: Map<AnyStateNode, string>;
  readonly #transitions: Map<AnyTransitionDefinition, string>;
  readonly #random: Random;
  readonly #events: readonly Untimed[];
  readonly #habits: readonly Move[][];
  readonly #byType = new Map<string, Untimed[]>();
  readonly #unreachable: ReadonlySet<string>;

  /** @param unreachable names of what the walk does not look for */
  constructor(
    model: PumpModel,
    random: Random,
    missing: ReturnType<typeof partsOf>,
    unreachable: ReadonlySet<string>,
  ) {
    this.#unreachable = unreachable;
    this.#model = model;
    this.#states = missing.states;
    this.#transitions = missing.transitions;
    this.#random = random;
    this.#events = happeningsOf(model);
    this.#habits = habitsOf(model, this.#events);
    for (const event of this.#events) {
      const { type } = event(0);
      this.#byType.set(type, [...(this.#byType.get(type) ?? []), event]);
    }
  }

  /** One pump from its first power-on through a random life; what it reaches is taken off the lists. */
  walk(): void {
    const random = this.#random;
    const actor = this.#actor();
    let atMs = 0;
    const run = (untilMs: number): void => {
      for (let rounds = 0; ; ) {
        const due = nextDue(actor.context(), atMs);
        if (due === null || due.atMs > untilMs) break;
        rounds = due.atMs > atMs ? 0 : rounds + 1;
        if (rounds > 100) throw new Error(`${due.event.type} comes back at once, again and again`);
        atMs = due.atMs;
        actor.send(due.event);
      }
      atMs = untilMs;
    };
    if (random.next() < 0.9) {
      actor.send(bedsideEvent(atMs, 'nurse', { action: 'power-on', newPatient: true }));
      run(60_000);
    }
    const steps = random.int(5, MOST_STEPS);
    for (let step = 0; step < steps; step++) {
      const dueMs = nextDue(actor.context(), atMs)?.atMs ?? atMs;
      if (random.next() < 0.35)
        run(random.pick([dueMs, dueMs, dueMs, atMs + 1_000, atMs + 95_000, atMs + HOUR_MS]));
      for (const move of this.#next(actor.nodes())) {
        if (move === 'next') run(nextDue(actor.context(), atMs)?.atMs ?? atMs);
        else if (typeof move === 'number') run(atMs + move);
        else actor.send(move(atMs));
      }
    }
    actor.stop();
  }

  /** What happens next: something that an unreached transition waits for here, a habit, or anything. */
  #next(nodes: ReadonlySet<AnyStateNode>): readonly Move[] {
    const random = this.#random;
    const kind = random.next();
    if (kind < 0.4) {
      const wanted = [...this.#transitions]
        .filter(([{ source }, name]) => nodes.has(source) && !this.#unreachable.has(name))
        .flatMap(([{ eventType }]) => this.#byType.get(eventType) ?? []);
      if (wanted.length > 0) return [random.pick(wanted)];
    }
    if (kind > 0.65) return [random.pick(this.#events)];
    const [mend = [], ...others] = this.#habits;
    return random.next() < 0.3 ? [...mend, ...random.pick(others)] : random.pick(others);
  }

  #actor() {
    const model = this.#model;
    const actor = createActor(pumpMachine(model), {
      input: {
        atMs: 0,
        model,
        library: LIBRARY,
        firmware: FIRMWARE,
        batteryPercent: 30,
        reservoirMl: 20,
        codes: CODES,
        locksOut: true,
        mechanisms: {},
        selfTestMs: 30_000,
      },
      inspect: (event) => {
        if (event.type !== '@xstate.microstep') return;
        for (const transition of event._transitions) this.#transitions.delete(transition);
      },
    });
    let failure: unknown;
    actor.subscribe({
      error: (error) => {
        failure = error;
      },
    });
    actor.start();
    return {
      context: (): PumpContext => actor.getSnapshot().context,
      nodes: (): ReadonlySet<AnyStateNode> => new Set(actor.getSnapshot()._nodes),
      stop: () => actor.stop(),
      send: (event: PumpEvent): void => {
        actor.send(event);
        if (failure !== undefined) throw failure;
        for (const node of actor.getSnapshot()._nodes) this.#states.delete(node);
      },
    };
  }
}

/**
 * Walks with pumps of these models, all of one machine, until there is nothing left to look for. Prints how much was reached.
 *
 * @param unreachable names that are not looked for
 * @returns the names that were not reached
 */
function explore(name: string, models: readonly PumpModel[], unreachable: readonly string[]): string[] {
  const machine = pumpMachine(models[0]!);
  for (const model of models) expect(pumpMachine(model)).toBe(machine);
  const missing = partsOf(machine.root);
  const all = { states: missing.states.size, transitions: missing.transitions.size };
  expect(all.states).toBeGreaterThan(50);
  expect(all.transitions).toBeGreaterThan(200);
  const random = seededRandom(11);
  const walkers = models.map(
    (model, index) => new Walker(model, random.fork(`${index}`), missing, new Set(unreachable)),
  );
  let walks = 0;
  while (missing.states.size + missing.transitions.size > unreachable.length && walks < MOST_WALKS) {
    walkers[walks % walkers.length]!.walk();
    walks += 1;
  }
  const reached = `states ${all.states - missing.states.size}/${all.states}, transitions ${
    all.transitions - missing.transitions.size
  }/${all.transitions}`;
  console.log(`machine ${name}: ${reached} in ${walks} walks`);
  return [...missing.states.values(), ...missing.transitions.values()];
}

/** Of one machine each model uses a part: between them they use all. Some of these are made up for that. */
const lvp = modelOf('lvp');
const withButton: PumpModel = { ...lvp, pca: modelOf('pca').pca };
const withSyringe: PumpModel = { ...lvp, holds: 'syringe' };

describe.each([
  ['with two channels', [lvp, withButton, { ...withButton, keepVeinOpenMlPerH: 0 }, withSyringe]],
  [
    'with one channel',
    [
      modelOf('pca'),
      { ...lvp, channels: ['A'] },
      { ...withButton, channels: ['A'] },
      { ...withSyringe, channels: ['A'] },
    ],
  ],
])('the machine of a pump %s', (name, models) => {
  it('has no state and no transition that no path reaches', () => {
    expect(explore(name, models, [])).toEqual([]);
  });
});

const inChannel = (id: string, names: readonly string[]): string[] =>
  names.map((name) => name.replaceAll('@', `therapy.${id}`));

/** Of the patient's button, which only a pump with one channel has. */
const OF_A_BUTTON = [
  '@.infusing.pcaDose',
  '@.infusing.primary --bedside.pca-demand[0]--> @.infusing.pcaDose',
  '@.infusing.pcaDose --due.budget-spent[0]--> @.infusing.primary',
  '@.infusing.pcaDose --due.budget-spent[1]--> @.infusing.keepVeinOpen',
  '@.infusing.pcaDose --due.budget-spent[2]--> @.complete',
];
/** Of what holds a syringe, likewise. */
const OF_A_SYRINGE = [
  '@ --physical.barrel-unclamped[0]--> (stays)',
  '@ --physical.barrel-clamped[0]--> (stays)',
  '@ --physical.plunger-disengaged[0]--> (stays)',
  '@ --physical.plunger-engaged[0]--> (stays)',
  '@.infusing --physical.barrel-unclamped[0]--> @.stopped',
  '@.infusing --physical.plunger-disengaged[0]--> @.stopped',
];
/** Of a second bag, which only the pump with two channels takes. */
const OF_A_SECOND_BAG = [
  '@.infusing.secondary',
  '@ --physical.secondary-hung[0]--> (stays)',
  '@.infusing.primary --bedside.programme-secondary[0]--> (stays)',
  '@.infusing.primary --bedside.start-secondary[0]--> @.infusing.secondary',
  '@.infusing.primary --bedside.stop-secondary[0]--> (stays)',
  '@.infusing.secondary --due.reservoir-low[0]--> (stays)',
  '@.infusing.secondary --due.budget-spent[0]--> @.infusing.primary',
  '@.infusing.secondary --due.reservoir-empty[0]--> @.infusing.primary',
  '@.infusing.secondary --bedside.stop-secondary[0]--> @.infusing.primary',
  '@.paused --bedside.resume[2]--> @.infusing.secondary',
  '@.paused --bedside.programme-secondary[0]--> (stays)',
  '@.paused --bedside.start-secondary[0]--> @.infusing.secondary',
  '@.paused --bedside.stop-secondary[0]--> (stays)',
  '@.stopped --physical.line-opened[2]--> @.infusing.secondary',
  '@.stopped --bedside.resume[2]--> @.infusing.secondary',
  '@.stopped --bedside.stop-secondary[0]--> (stays)',
];
/** The pump with a button keeps no vein open. */
const OF_A_BUTTON_AND_AN_OPEN_VEIN = ['@.infusing.pcaDose --due.budget-spent[1]--> @.infusing.keepVeinOpen'];

describe('what no shipped model can reach', () => {
  it.each([
    ['with two channels', ['lvp'], ['A', 'B'], [...OF_A_BUTTON, ...OF_A_SYRINGE]],
    ['with one channel', ['syringe', 'pca'], ['A'], [...OF_A_SECOND_BAG, ...OF_A_BUTTON_AND_AN_OPEN_VEIN]],
  ])('of the machine of a pump %s is just what its models do not have', (name, ids, channels, names) => {
    const unreachable = channels.flatMap((id) => inChannel(id, names));
    const missed = explore(`${name}, shipped models (${ids.join(', ')})`, ids.map(modelOf), unreachable);
    expect(missed.sort()).toEqual(unreachable.sort());
  });

  it('leaves out no model that is shipped', () => {
    const shipped = [...loadModels('simulator/models').values()];
    expect(shipped.map(({ id, channels }) => `${id} ${channels.join('')}`).sort()).toEqual([
      'lvp AB',
      'pca A',
      'syringe A',
    ]);
  });
});
