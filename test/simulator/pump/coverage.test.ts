import { describe, expect, it } from 'vitest';
import { type AnyStateNode, type AnyTransitionDefinition, createActor } from 'xstate';
import { type Random, seededRandom } from '../../../clock/index.ts';
import type { PumpModel } from '../../../simulator/models/index.ts';
import type { BedsideAction, PhysicalEvent } from '../../../simulator/pump/bedside.ts';
import type { PumpContext } from '../../../simulator/pump/context.ts';
import { bedsideEvent, type PumpEvent, physicalEvent } from '../../../simulator/pump/events.ts';
import { pumpMachine } from '../../../simulator/pump/machine.ts';
import { nextDue } from '../../../simulator/pump/next-due.ts';
import { firmwareOf, modelOf, NOREPINEPHRINE, sampleLibrary } from './rig.ts';

/**
 * Drives the machine itself over paths that are made up as it goes: a path that reached something new is kept and
 * continued at random, so that what lies deep is found from what was found before. The seed is fixed.
 */
const MOST_PATHS = 3_000;
const LONGEST_TAIL = 12;

const CODES = { nurse: '1111', biomed: '2222' };
const BAD_CODE = '0000';
const DAY_MS = 24 * 3_600_000;

/** An event that has no time yet. */
type Untimed = (atMs: number) => PumpEvent;

interface Step {
  /** How long nothing but what is due happens before the event. */
  readonly waitMs: number;
  /** `null`: only time passes. */
  readonly event: Untimed | null;
}

/** All that can happen to a pump of that model from outside, sensible or not. */
function happeningsOf(model: PumpModel): Untimed[] {
  const library = sampleLibrary();
  const channels = [...model.channels, 'Z'];
  const key = (press: BedsideAction, role: 'nurse' | 'biomed' | 'patient' = 'nurse') => [
    (atMs: number) => bedsideEvent(atMs, role, press),
  ];
  const cause = (event: PhysicalEvent) => [(atMs: number) => physicalEvent(atMs, event)];
  const plain = (type: 'link.offline' | 'link.connecting' | 'link.online') => [
    (atMs: number): PumpEvent => ({ type, atMs }),
  ];
  const drug = model.pca === null ? 'sodium chloride 0.9%' : 'morphine';
  const slow = model.pca === null ? { rateMlPerH: 60, volumeToBeInfusedMl: 30 } : { rateMlPerH: 1, volumeToBeInfusedMl: 5 };
  const loading = model.pca === null ? { volumeMl: 10, rateMlPerH: 120 } : { volumeMl: 2, rateMlPerH: 30 };
  const running = { orderId: 'o', drug: null, ...slow };
  const ofChannel = (channel: string): Untimed[][] => [
    ...[
      running,
      { ...running, drug },
      { ...running, drug: 'norepinephrine', rateMlPerH: 2 },
      { ...running, loading },
      { ...running, volumeToBeInfusedMl: loading.volumeMl, loading },
      { ...running, rateMlPerH: 5_000 },
    ].map((programme) => key({ action: 'programme', channel, programme })),
    key({ action: 'confirm', channel, overrideSoftLimit: true }),
    key({ action: 'confirm', channel }),
    ...(['recall', 'start', 'pause', 'resume', 'stop', 'start-secondary'] as const).map((action) =>
      key({ action, channel }),
    ),
    key({ action: 'pca-demand', channel }, 'patient'),
    ...[1, 5, 5_000].map((rateMlPerH) => key({ action: 'change-rate', channel, rateMlPerH, overrideSoftLimit: true })),
    ...[1, 1e6].map((dose) => key({ action: 'change-dose', channel, dose, overrideSoftLimit: true })),
    ...[1, 500].map((volumeMl) => key({ action: 'bolus', channel, volumeMl })),
    ...[{ ...running, volumeToBeInfusedMl: 5 }, NOREPINEPHRINE, { ...running, rateMlPerH: -1 }].map((programme) =>
      key({ action: 'programme-secondary', channel, programme, overrideSoftLimit: true }),
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
    ...(['sensor-failed', 'sensor-repaired'] as const).map((event) => cause({ event, channel, sensor: 'air' })),
    [(atMs) => ({ type: 'remote.set-rate', atMs, channel, rateMlPerH: 5 })],
    [(atMs) => ({ type: 'remote.set-rate', atMs, channel, rateMlPerH: 5_000 })],
    [(atMs) => ({ type: 'remote.pause', atMs, channel })],
  ];
  return [
    ...channels.flatMap(ofChannel),
    ...[true, false].map((newPatient) => key({ action: 'power-on', newPatient })),
    ...(['power-off', 'silence', 'clear', 'lock'] as const).map((action) => key({ action })),
    ...[CODES.nurse, BAD_CODE].map((code) => key({ action: 'unlock', code })),
    ...[CODES.biomed, BAD_CODE].map((code) => key({ action: 'enter-service', code }, 'biomed')),
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
      [(atMs: number): PumpEvent => ({ type: `${what}.refused`, atMs, version: '1', reason: 'no', control: null })],
    ]),
    [(atMs: number): PumpEvent => ({ type: 'library.offered', atMs, library: { ...library, sequence: 2 } })],
    ...(['passes', 'fails'] as const).map((selfTest) => [
      (atMs: number): PumpEvent => ({
        type: 'firmware.offered',
        atMs,
        personality: { ...firmwareOf('lvp', '1.1.0'), model: model.id, selfTest },
      }),
    ]),
  ].flat();
}

/** Every state and every transition that the machine has, each with a name for people. */
function partsOf(root: AnyStateNode) {
  const states = new Map<AnyStateNode, string>();
  const transitions = new Map<AnyTransitionDefinition, string>();
  const visit = (node: AnyStateNode): void => {
    states.set(node, node.path.join('.') || '(root)');
    const own = [...[...node.transitions.values()].flat(), ...(node.always ?? [])];
    for (const [index, each] of own.entries()) {
      const target = each.target?.map(({ path }) => path.join('.')).join(' ') ?? '(stays)';
      transitions.set(each, `${node.path.join('.') || '(root)'} --${each.eventType || 'always'}[${index}]--> ${target}`);
    }
    for (const child of Object.values(node.states)) visit(child);
  };
  visit(root);
  return { states, transitions };
}

class Explorer {
  readonly model: PumpModel;
  readonly states: Map<AnyStateNode, string>;
  readonly transitions: Map<AnyTransitionDefinition, string>;
  readonly #random: Random;
  readonly #events: Untimed[];
  readonly #kept: (readonly Step[])[] = [[]];
  paths = 0;

  constructor(model: PumpModel, random: Random, missing: ReturnType<typeof partsOf>) {
    this.model = model;
    this.states = missing.states;
    this.transitions = missing.transitions;
    this.#random = random;
    this.#events = happeningsOf(model);
  }

  /** One path more: a kept one and a tail. What it reaches is taken off the lists. */
  explore(): void {
    this.paths += 1;
    const random = this.#random;
    // What was found last leads on to what is not found yet.
    const recent = random.next() < 0.5 ? Math.max(0, this.#kept.length - 25) : 0;
    const path = [...(this.#kept[random.int(recent, this.#kept.length - 1)] ?? [])];
    const known = path.length;
    const tail = random.int(1, LONGEST_TAIL);
    for (let step = 0; step < tail; step++) {
      path.push({
        waitMs: random.pick([0, 0, 0, 0, 1_000, 25_000, 95_000, 400_000, 3_600_000, DAY_MS]),
        event: random.next() < 0.1 ? null : random.pick(this.#events),
      });
    }
    const reached = this.#play(path);
    if (reached > 0) this.#kept.push(path.slice(0, Math.max(known, reached)));
  }

  /** @returns how many steps of the path were needed for what it reached first and last; 0 if nothing was new */
  #play(path: readonly Step[]): number {
    const { model } = this;
    let last = 0;
    let step = 0;
    const actor = createActor(pumpMachine(model), {
      input: {
        atMs: 0,
        model,
        library: sampleLibrary(),
        firmware: firmwareOf('lvp', '1.0.0'),
        batteryPercent: 30,
        reservoirMl: 20,
        codes: CODES,
        locksOut: true,
        mechanisms: {},
        selfTestMs: 30_000,
      },
      inspect: (event) => {
        if (event.type !== '@xstate.microstep') return;
        for (const transition of event._transitions) {
          if (this.transitions.delete(transition)) last = step;
        }
      },
    });
    let failure: unknown;
    actor.subscribe({
      error: (error) => {
        failure = error;
      },
    });
    actor.start();
    let atMs = 0;
    let context: PumpContext = actor.getSnapshot().context;
    const send = (event: PumpEvent): void => {
      actor.send(event);
      if (failure !== undefined) throw failure;
      const snapshot = actor.getSnapshot();
      ({ context } = snapshot);
      for (const node of snapshot._nodes) if (this.states.delete(node)) last = step;
    };
    for (const { waitMs, event } of path) {
      step += 1;
      const untilMs = atMs + waitMs;
      for (let due = nextDue(context, atMs); due !== null && due.atMs <= untilMs; due = nextDue(context, atMs)) {
        atMs = due.atMs;
        send(due.event);
      }
      atMs = untilMs;
      if (event !== null) send(event(atMs));
    }
    actor.stop();
    return last;
  }
}

/** A channel that has all that a channel can have: of one machine each model uses a part. */
const withButton = (model: PumpModel): PumpModel => ({ ...model, pca: modelOf('pca').pca });

describe.each([
  ['with two channels', [modelOf('lvp'), withButton(modelOf('lvp'))]],
  ['with one channel', [modelOf('pca'), modelOf('syringe'), { ...modelOf('lvp'), channels: ['A'] }]],
])('the machine of a pump %s', (name, models) => {
  it('has no state and no transition that no path reaches', () => {
    const [first] = models;
    const machine = pumpMachine(first!);
    for (const model of models) expect(pumpMachine(model)).toBe(machine);
    const missing = partsOf(machine.root);
    const all = { states: missing.states.size, transitions: missing.transitions.size };
    expect(all.states).toBeGreaterThan(50);
    expect(all.transitions).toBeGreaterThan(200);
    const random = seededRandom(11);
    const explorers = models.map((model, index) => new Explorer(model, random.fork(`${index}`), missing));
    let paths = 0;
    while (missing.states.size + missing.transitions.size > 0 && paths < MOST_PATHS) {
      explorers[paths % explorers.length]!.explore();
      paths += 1;
    }
    const reached = `states ${all.states - missing.states.size}/${all.states}, transitions ${
      all.transitions - missing.transitions.size
    }/${all.transitions}`;
    console.log(`machine ${name}: ${reached} over ${paths} paths`);
    expect([...missing.states.values(), ...missing.transitions.values()]).toEqual([]);
  });
});
