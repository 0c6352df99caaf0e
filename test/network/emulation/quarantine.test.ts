import { expect, test } from 'vitest';
import { Quarantine } from '../../../network/emulation/quarantine.ts';
import type { ControlId } from '../../../protocol/index.ts';

const ALL: readonly ControlId[] = ['zone-segmentation', 'network-quarantine'];

function quarantine(controls: readonly ControlId[] = ALL) {
  const cut: string[] = [];
  const made = new Quarantine({
    controls: new Set(controls),
    zoneOf: (address) => (address === '127.0.0.1' ? 'operator' : 'medical-devices'),
    cut: (address) => cut.push(address),
  });
  return { made, cut };
}

test('an address goes out of reach with its connections, and comes back', () => {
  const { made, cut } = quarantine();
  expect(made.impose({ identities: [], addresses: ['127.20.0.9'] })).toMatchObject({ done: true, cut: 1 });
  expect([made.hasAddress('127.20.0.9'), made.hasAddress('127.20.0.8'), cut]).toEqual([
    true,
    false,
    ['127.20.0.9'],
  ]);
  expect(made.lift({ identities: [], addresses: ['127.20.0.9'] })).toMatchObject({ done: true });
  expect(made.hasAddress('127.20.0.9')).toBe(false);
});

test('an identity is remembered, also where nobody knows an address of it', () => {
  const { made } = quarantine();
  const pump = { kind: 'pump', id: 'LVP-0009' } as const;
  expect(made.impose({ identities: [pump], addresses: [] })).toEqual({ done: true, addresses: [], cut: 0 });
  expect(made.hasIdentity(pump)).toBe(true);
});

test('the address of whoever runs the testbed is never moved', () => {
  const { made, cut } = quarantine();
  expect(made.impose({ identities: [], addresses: ['127.0.0.1'] })).toMatchObject({ done: false });
  expect([made.hasAddress('127.0.0.1'), cut]).toEqual([false, []]);
});

test.each([
  ['the control', ['zone-segmentation'], 'nobody can move a device out of reach'],
  ['zones', ['network-quarantine'], 'there is one network: no place is out of reach'],
] as const)('without %s nobody can', (_name, controls, reason) => {
  const { made, cut } = quarantine(controls);
  const target = { identities: [], addresses: ['127.20.0.9'] };
  expect(made.impose(target)).toEqual({ done: false, reason });
  expect(made.lift(target)).toEqual({ done: false, reason });
  expect([made.hasAddress('127.20.0.9'), cut]).toEqual([false, []]);
});
