import { describe, expect, it } from 'vitest';
import type { PhysicalEvent, PhysicalResult } from '../../../simulator/pump/index.ts';
import { modelOf, Rig } from './rig.ts';

const A = { channel: 'A' };
const changed = (volumeMl: number, syringeMl?: number): PhysicalEvent => ({
  event: 'reservoir-changed',
  ...A,
  volumeMl,
  ...(syringeMl === undefined ? {} : { syringeMl }),
});

/** An infusion of a model, and what became of the last of some events. */
function last(model: string, ...events: PhysicalEvent[]): { rig: Rig; result: PhysicalResult | undefined } {
  const rig = new Rig({ model: modelOf(model) }).on().infuse({ volumeToBeInfusedMl: 20 });
  return { rig, result: events.map((event) => rig.pump.physical(event)).at(-1) };
}

describe('what happens to a pump', () => {
  it('is taken, and says so', () => {
    for (const event of [
      { event: 'line-clamped', ...A },
      { event: 'secondary-hung', ...A, volumeMl: 50 },
      { event: 'mains-lost' },
      { event: 'key-stuck' },
      changed(500),
    ] as const)
      expect(last('lvp', event).result).toEqual({ taken: true });
    expect(last('syringe', changed(48, 50)).result).toEqual({ taken: true });
  });

  it.each<[string, readonly [PhysicalEvent, ...PhysicalEvent[]], string]>([
    ['syringe', [{ event: 'secondary-hung', ...A, volumeMl: 50 }], 'a Syringe pump takes no second bag'],
    ['syringe', [changed(5, 7)], 'a syringe here is one of 1, 5, 10, 20, 50 mL'],
    ['syringe', [changed(60, 50)], 'a syringe of 50 mL does not hold 60 mL'],
    ['syringe', [changed(20, 20)], 'the clamp of channel A holds a syringe of another size: pause it first'],
    ['lvp', [changed(48, 50)], 'a Large-volume pump takes no syringe'],
    ['lvp', [changed(1e6)], 'no container holds 1000000 mL'],
    ['lvp', [{ event: 'line-clamped', channel: 'C' }], 'there is no channel C'],
    ['lvp', [{ event: 'air-entered', ...A, volumeMicroL: 0 }], '0 µL is no bubble of air'],
    ['lvp', [{ event: 'motor-slipping', ...A, share: 3 }], 'the share that a motor moves is 0–2, not 3'],
    ['lvp', [{ event: 'mains-restored' }], 'the plug is in already'],
    ['lvp', [{ event: 'mains-lost' }, { event: 'mains-lost' }], 'the plug is out already'],
    ['lvp', [{ event: 'key-released' }], 'no key is stuck'],
    ['lvp', [{ event: 'key-stuck' }, { event: 'key-stuck' }], 'a key is stuck already'],
    ['lvp', [{ event: 'controller-recovered' }], 'the controller does not hang'],
    ['lvp', [{ event: 'battery-replaced' }], 'an infusion is running: pause it first'],
  ])('%s: what no hand can do is not taken, with a reason for the log', (model, events, reason) => {
    const { rig, result } = last(model, ...events);
    expect(result).toEqual({ taken: false, reason });
    expect(rig.lastEvent('event-not-taken')?.detail).toMatchObject({ reason });
  });

  it('hangs no other second bag while one runs', () => {
    const rig = new Rig().on().infuse();
    const hang = () => rig.pump.physical({ event: 'secondary-hung', ...A, volumeMl: 50 });
    expect(hang()).toEqual({ taken: true });
    const programme = { orderId: null, drug: null, rateMlPerH: 100, volumeToBeInfusedMl: 50 };
    rig.nurse({ action: 'programme-secondary', ...A, programme });
    expect(rig.nurse({ action: 'start-secondary', ...A })).toEqual({ accepted: true });
    expect(hang()).toEqual({ taken: false, reason: 'the second bag runs already' });
  });

  it('is not taken by a pump that was taken away', () => {
    const rig = new Rig();
    rig.pump.dispose();
    expect(rig.pump.physical({ event: 'mains-lost' })).toMatchObject({ taken: false });
  });
});

describe('the key that switches on', () => {
  it('says on a pump that is on what has to come first', () => {
    const rig = new Rig().on();
    expect(rig.nurse({ action: 'power-on', newPatient: true })).toEqual({
      accepted: false,
      reason: 'the pump is on: switch it off first',
      control: null,
    });
  });
});
