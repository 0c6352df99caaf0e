import { expect, test } from 'vitest';
import { guisesOf } from '../../../../scenarios/adversary/mqtt/guise.ts';

const LVP = { kind: 'pump', id: 'LVP-0009' } as const;
const STATION = { kind: 'nurse-station', id: 'station-01' } as const;

test('somebody without a certificate is whom the client id names, or nobody in particular', () => {
  expect(guisesOf({ credential: 'none' })).toEqual([
    { clientId: 'observer:laptop', identity: { kind: 'observer', id: 'laptop' } },
  ]);
  const clientId = 'nurse-station:station-01/laptop';
  expect(guisesOf({ credential: 'none', clientId })).toEqual([{ clientId, identity: STATION }]);
  expect(guisesOf({ credential: 'none', clientId: 'whatever' })).toMatchObject([
    { clientId: 'whatever', identity: { kind: 'observer' } },
  ]);
});

test('the holder of a certificate comes under its name, after a bolder one if there is one', () => {
  const own = { clientId: 'pump:LVP-0009', identity: LVP };
  expect(guisesOf({ credential: 'stolen-certificate', of: LVP })).toEqual([own]);
  const bold = { clientId: 'nurse-station:station-01', identity: STATION };
  expect(guisesOf({ credential: 'forged-certificate', of: LVP, claims: STATION })).toEqual([bold, own]);
});

test('whoever does not know whose certificate it took lets the broker say it', () => {
  expect(guisesOf({ credential: 'extracted-certificate', from: 'loot' })).toMatchObject([{ clientId: '' }]);
  expect(guisesOf({ credential: 'extracted-certificate', from: 'loot', claims: STATION })).toMatchObject([
    { clientId: 'nurse-station:station-01' },
  ]);
});
