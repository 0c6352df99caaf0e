import { describe, expect, it } from 'vitest';
import { HeapClock } from '../../../clock/index.ts';
import { HOUR_MS, MINUTE_MS, Rig } from './rig.ts';

describe('a pump whose controller hangs', () => {
  it('takes no key until the watchdog has alarmed, and then the one that switches it off; on again it works', () => {
    const rig = new Rig().on().infuse();
    rig.pump.physical({ event: 'controller-hung' });
    expect(rig.nurse({ action: 'power-off' })).toMatchObject({ reason: 'the pump does not respond' });
    rig.run(4 * MINUTE_MS);
    expect(rig.alarms()).toContain('watchdog');
    expect(rig.nurse({ action: 'power-off' })).toEqual({ accepted: true });
    rig.on(false);
    expect(rig.alarms()).not.toContain('watchdog');
    expect(rig.infuse().channel()).toMatchObject({ therapy: 'infusing' });
  });
});

describe('a listener that throws', () => {
  it('stops neither the pump nor what others hear, and is told of once', () => {
    const rig = new Rig();
    rig.pump.onFact(() => {
      throw new Error('no room');
    });
    const heard: string[] = [];
    rig.pump.onFact((fact) => heard.push(fact.fact === 'event' ? fact.event : fact.alarm));
    rig.on().infuse().run(HOUR_MS);
    expect(rig.channel()).toMatchObject({ therapy: 'infusing' });
    expect(heard).toContain('infusion-started');
    expect(heard.filter((name) => name === 'recorder-failed')).toHaveLength(1);
  });
});

describe('a clock that is set back', () => {
  it('takes nothing out of the patient again', () => {
    const heap = new HeapClock(0);
    let backMs = 0;
    const clock = {
      now: () => heap.now() - backMs,
      at: heap.at.bind(heap),
      after: heap.after.bind(heap),
    };
    const rig = new Rig({ clock });
    rig.nurse({ action: 'power-on', newPatient: true });
    heap.runTo(70_000);
    rig.infuse({ rateMlPerH: 60 });
    heap.runTo(70_000 + 10 * MINUTE_MS);
    const { totalDeliveredMl } = rig.channel();
    expect(totalDeliveredMl).toBeCloseTo(10, 3);
    backMs = 9 * MINUTE_MS;
    rig.nurse({ action: 'pause', channel: 'A' });
    expect(rig.channel().totalDeliveredMl).toBeGreaterThanOrEqual(totalDeliveredMl);
    backMs = 0;
    heap.runTo(70_000 + 11 * MINUTE_MS);
    expect(rig.channel().totalDeliveredMl).toBeGreaterThanOrEqual(totalDeliveredMl);
  });
});
