import { expect, it } from 'vitest';
import type { EvidenceEntry, Layer } from '../../protocol/index.ts';
import { brokerObeys, seesNothing, withoutWitness } from '../../testbed/lost-component.ts';

function seen(lost: Layer | undefined, source: string): EvidenceEntry['visibility'] | undefined {
  let visibility: EvidenceEntry['visibility'] | undefined;
  withoutWitness(lost, (entry) => {
    visibility = entry.visibility;
  })({ source, event: 'session.opened', outcome: 'allowed', visibility: 'blue' });
  return visibility;
}

it('lets a component that the adversary has testify to nobody but the exercise', () => {
  expect(seen('broker', 'broker')).toBe('white');
  expect(seen('network', 'network')).toBe('white');
  expect(seen('broker', 'network')).toBe('blue');
  expect(seen('broker', 'pump:LVP-0001')).toBe('blue');
  expect(seen(undefined, 'broker')).toBe('blue');
});

it('has nobody watch where those who watch are with the adversary, and no broker obey that is', () => {
  expect(seesNothing('supervision')).toBe(true);
  expect(seesNothing('broker')).toBe(false);
  expect(brokerObeys('broker')).toBe(false);
  expect(brokerObeys(undefined)).toBe(true);
});
