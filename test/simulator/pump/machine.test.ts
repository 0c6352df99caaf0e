import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createActor, initialTransition, transition } from 'xstate';
import { highestPriority } from '../../../simulator/pump/alarms.ts';
import { bedsideEvent, type PumpEvent, physicalEvent } from '../../../simulator/pump/events.ts';
import { type PumpSnapshot, pumpMachine } from '../../../simulator/pump/machine.ts';
import { nextDue } from '../../../simulator/pump/next-due.ts';
import { type Happening, happenings } from './commands.ts';
import { firmwareOf, modelOf, sampleLibrary } from './rig.ts';

const MODEL = modelOf('lvp');
const machine = pumpMachine(MODEL);
const INPUT = {
  atMs: 0,
  model: MODEL,
  library: sampleLibrary(),
  firmware: firmwareOf('lvp', '1.0.0'),
  batteryPercent: 30,
  reservoirMl: 300,
  codes: { nurse: '1111', biomed: '2222' },
  locksOut: true,
  mechanisms: {},
  selfTestMs: 30_000,
};

function eventOf(happening: Happening, atMs: number): PumpEvent | undefined {
  switch (happening.what) {
    case 'key':
      return bedsideEvent(atMs, happening.role, happening.action);
    case 'cause':
      return physicalEvent(atMs, happening.event);
    case 'code': {
      const code = happening.right ? INPUT.codes.biomed : '0000';
      return bedsideEvent(atMs, 'biomed', { action: happening.key, code });
    }
    case 'link':
      return { type: `link.${happening.state}`, atMs };
    case 'remote-rate':
      return { type: 'remote.set-rate', atMs, channel: 'A', rateMlPerH: happening.rateMlPerH };
    case 'remote-pause':
      return { type: 'remote.pause', atMs, channel: 'A' };
    case 'firmware':
      return {
        type: 'firmware.offered',
        atMs,
        personality: firmwareOf('lvp', happening.version),
        window: null,
      };
    case 'library':
      return { type: 'library.offered', atMs, library: sampleLibrary() };
    case 'wait':
      return undefined;
  }
}

/** All events of a sequence, with what falls due between them, in order. */
function play(
  sequence: readonly Happening[],
  send: (event: PumpEvent) => PumpSnapshot,
  first: PumpSnapshot,
): void {
  let atMs = 0;
  let { context } = first;
  for (const happening of sequence) {
    if (happening.what === 'wait') {
      const untilMs = atMs + happening.ms;
      for (
        let due = nextDue(context, atMs);
        due !== null && due.atMs <= untilMs;
        due = nextDue(context, atMs)
      ) {
        atMs = due.atMs;
        ({ context } = send(due.event));
      }
      atMs = untilMs;
      continue;
    }
    const event = eventOf(happening, atMs);
    if (event !== undefined) ({ context } = send(event));
  }
}

/** Where the channel is by the chart, in the words of the context. */
function modeByChart(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'infusing' in value ? value.infusing : value;
}

describe('the statechart', () => {
  it('has its state copied rightly into the context, and signals the most urgent alarm', () => {
    fc.assert(
      fc.property(happenings, (sequence) => {
        const actor = createActor(machine, { input: INPUT });
        actor.start();
        const send = (event: PumpEvent): PumpSnapshot => {
          actor.send(event);
          const snapshot = actor.getSnapshot();
          const { value, context } = snapshot;
          expect(context.channels['A']?.mode).toBe(modeByChart(value.therapy['A']));
          const power: unknown = value.power;
          expect(context.power.mode).toBe(typeof power === 'object' ? 'on' : power);
          expect(value.alarm).toBe(highestPriority(context.alarms));
          if (JSON.stringify(power).includes('battery')) expect(context.power.mains).toBe(false);
          return snapshot;
        };
        play(sequence, send, actor.getSnapshot());
      }),
      { numRuns: 80 },
    );
  });

  it('is pure: the same events give the same states without an actor, and leave the old ones alone', () => {
    fc.assert(
      fc.property(happenings, (sequence) => {
        const actor = createActor(machine, { input: INPUT });
        actor.start();
        let [snapshot] = initialTransition(machine, INPUT);
        const send = (event: PumpEvent): PumpSnapshot => {
          const before = structuredClone(snapshot.context);
          const [next] = transition(machine, snapshot, event);
          expect(snapshot.context).toEqual(before);
          actor.send(event);
          expect(next.value).toEqual(actor.getSnapshot().value);
          expect(next.context).toEqual(actor.getSnapshot().context);
          snapshot = next;
          return next;
        };
        play(sequence, send, snapshot);
      }),
      { numRuns: 30 },
    );
  });

  it('takes every event that falls due', () => {
    fc.assert(
      fc.property(happenings, (sequence) => {
        const actor = createActor(machine, { input: INPUT });
        const missed: unknown[] = [];
        actor.on('fact', ({ fact }) => {
          if (
            fact.fact === 'event' &&
            fact.event === 'event-not-taken' &&
            String(fact.detail.event).startsWith('due.')
          ) {
            missed.push(fact);
          }
        });
        actor.start();
        const send = (event: PumpEvent): PumpSnapshot => {
          actor.send(event);
          return actor.getSnapshot();
        };
        play(sequence, send, actor.getSnapshot());
        expect(missed).toEqual([]);
      }),
      { numRuns: 80 },
    );
  });

  it('is shared by models with the same channels', () => {
    expect(pumpMachine(modelOf('pca'))).toBe(pumpMachine(modelOf('syringe')));
    expect(pumpMachine({ ...MODEL, channels: ['A'] })).not.toBe(machine);
  });
});
