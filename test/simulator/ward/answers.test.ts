import { describe, expect, it } from 'vitest';
import type { AlarmName, Fact, PhysicalEvent, Pump } from '../../../simulator/pump/index.ts';
import { HOUR_MS, MINUTE_MS } from '../pump/rig.ts';
import { exactHarm, type Placed, WardRig } from './rig.ts';

const MODEL_AT = { lvp: 0, syringe: 1, pca: 2 } as const;

function eventsOf(facts: readonly Fact[], event: string) {
  return facts.filter((fact) => fact.fact === 'event').filter((fact) => fact.event === event);
}

/** A pump of that model whose first channel is in the middle of an infusion, on a ward where nothing else goes wrong. */
function atWork(model: keyof typeof MODEL_AT): { readonly ward: WardRig; readonly placed: Placed } {
  for (let seed = 1; seed <= 20; seed++) {
    const ward = new WardRig(seed, 1, 3, {}, 'as-made', 'kept-away');
    const placed = ward.placed[MODEL_AT[model]]!;
    const reading = placed.pump.reading().channels[0]!;
    const leftMl = reading.volumeToBeInfusedMl - reading.deliveredMl;
    const runsOn = reading.mode === 'primary' && leftMl > 2 * reading.programmedRateMlPerH;
    if (runsOn && reading.reservoirMl > 2 * reading.programmedRateMlPerH) return { ward, placed };
  }
  throw new Error(`no ${model} is at work`);
}

/** Past the rig, which keeps mishaps away. */
function goesWrong(pump: Pump, event: PhysicalEvent): void {
  Object.getPrototypeOf(pump).physical.call(pump, event);
}

const channel = 'A';
const CASES: readonly (readonly [AlarmName, keyof typeof MODEL_AT, PhysicalEvent])[] = [
  ['downstream-occlusion', 'lvp', { event: 'line-clamped', channel }],
  ['downstream-occlusion', 'syringe', { event: 'line-clamped', channel }],
  ['upstream-occlusion', 'lvp', { event: 'supply-clamped', channel }],
  ['air-in-line', 'pca', { event: 'air-entered', channel, volumeMicroL: 400 }],
  ['air-in-line', 'lvp', { event: 'air-leaking', channel, microLPerMl: 60 }],
  ['door-open', 'lvp', { event: 'door-opened', channel }],
  ['set-misloaded', 'lvp', { event: 'set-misloaded', channel }],
  ['syringe-not-held', 'syringe', { event: 'barrel-unclamped', channel }],
  ['plunger-disengaged', 'syringe', { event: 'plunger-disengaged', channel }],
  ['channel-disconnected', 'lvp', { event: 'channel-detached', channel }],
  ['sensor-failed', 'lvp', { event: 'sensor-failed', channel, sensor: 'flow' }],
  ['flow-error', 'lvp', { event: 'motor-slipping', channel, share: 0.4 }],
  ['key-stuck', 'pca', { event: 'key-stuck' }],
  ['watchdog', 'syringe', { event: 'controller-hung' }],
  ['overheated', 'lvp', { event: 'temperature-changed', celsius: 60 }],
  ['battery-defective', 'lvp', { event: 'battery-failed' }],
];

describe('somebody sees to', () => {
  it.each(CASES)('%s on a %s, and the infusion goes on', (alarm, model, event) => {
    const { ward, placed } = atWork(model);
    const { pump, facts } = placed;
    goesWrong(pump, event);
    const raised = () =>
      facts.find((fact) => fact.fact === 'alarm' && fact.alarm === alarm && fact.change === 'raised');
    for (let minute = 0; raised() === undefined && minute < 120; minute++) {
      ward.clock.runTo(ward.clock.now() + MINUTE_MS);
    }
    expect(raised()).toBeDefined();
    ward.clock.runTo(ward.clock.now() + 50 * MINUTE_MS);
    const { alarms, channels } = pump.reading();
    expect(alarms.map((one) => one.alarm)).not.toContain(alarm);
    expect(['infusing', 'keepVeinOpen', 'paused']).toContain(channels[0]?.therapy);
    const refused = eventsOf(facts, 'action-refused').filter(({ detail }) => detail.by !== 'patient');
    // A pump that hangs answers to nothing, and nobody can see that before it alarms.
    if (alarm !== 'watchdog') expect(refused).toEqual([]);
  });

  it('a pump that fails its self-test: it is taken away, and nobody comes again', () => {
    const { ward, placed } = atWork('lvp');
    const { pump, facts } = placed;
    for (const id of pump.model.channels) pump.bedside('nurse', { action: 'pause', channel: id });
    pump.bedside('nurse', { action: 'power-off' });
    goesWrong(pump, { event: 'key-stuck' });
    pump.bedside('nurse', { action: 'power-on', newPatient: false });
    ward.clock.runTo(ward.clock.now() + HOUR_MS);
    const after = ward.clock.now();
    expect(pump.reading().alarms.map(({ alarm }) => alarm)).toContain('self-test-failed');
    ward.clock.runTo(after + 4 * HOUR_MS);
    expect(
      facts.filter((fact) => fact.atMs > after && fact.fact === 'event' && fact.detail.by !== undefined),
    ).toEqual([]);
  });

  it('an air alarm of a loose connection for good', () => {
    const { ward, placed } = atWork('lvp');
    goesWrong(placed.pump, { event: 'air-leaking', channel, microLPerMl: 60 });
    ward.clock.runTo(ward.clock.now() + 3 * HOUR_MS);
    const raised = placed.facts.filter(
      (fact) => fact.fact === 'alarm' && fact.alarm === 'air-in-line' && fact.change === 'raised',
    );
    expect(raised).toHaveLength(1);
  });

  it('a loss of power: what the pump kept is recalled, and the ledger still has the whole order', () => {
    const { ward, placed } = atWork('syringe');
    const { pump, facts } = placed;
    const before = pump.reading().channels[0]!;
    // A battery that holds nothing, and somebody pulls the plug; then another battery.
    goesWrong(pump, { event: 'battery-failed' });
    goesWrong(pump, { event: 'mains-lost' });
    ward.clock.runTo(ward.clock.now() + 1_000);
    expect(pump.reading().on).toBe(false);
    goesWrong(pump, { event: 'battery-replaced' });
    ward.clock.runTo(ward.clock.now() + 30 * MINUTE_MS);
    expect(pump.reading()).toMatchObject({ on: true, power: 'mains' });
    const recalled = eventsOf(facts, 'programmed').filter(({ detail }) => detail.recalled === true);
    expect(recalled).toHaveLength(1);
    expect(pump.reading().channels[0]).toMatchObject({ orderId: before.orderId, therapy: 'infusing' });
    // Nobody meant it to stop: the ledger has no line about it.
    const from = eventsOf(facts, 'power-failed')[0]!.atMs;
    const told = ward.intentsOf(pump).filter(({ atMs }) => atMs >= from && atMs <= recalled[0]!.atMs);
    expect(told).toEqual([]);
    const [harm] = exactHarm([pump], ward.intents, ward.clock.now());
    expect(harm!.overMl).toBeLessThan(1e-3);
    expect(harm!.underMl).toBeGreaterThan(0);
  });
});

describe('the next shift', () => {
  it('plugs in what the last one forgot, within half an hour of the hand-over', () => {
    const { ward, placed } = atWork('lvp');
    const { pump } = placed;
    ward.clock.runTo(7.5 * HOUR_MS);
    goesWrong(pump, { event: 'mains-lost' });
    ward.clock.runTo(8 * HOUR_MS);
    expect(pump.reading().power).toBe('battery');
    ward.clock.runTo(8.5 * HOUR_MS);
    expect(pump.reading().power).toBe('mains');
  });
});
