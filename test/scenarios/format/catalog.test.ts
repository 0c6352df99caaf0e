import { expect, it } from 'vitest';
import { CONTROL_IDS, CONTROLS } from '../../../protocol/index.ts';
import { loadCatalog, loadPostures } from '../../../scenarios/index.ts';

const postures = loadPostures(['scenarios/postures']);
const known = { postures: postures.map(({ id }) => id) };

it('ships a rehearsal of each kind, and each loads without a fault', () => {
  const catalog = loadCatalog(['scenarios/catalog'], known);
  expect(catalog.map(({ id }) => id)).toEqual(
    expect.arrayContaining(['spoofed-command', 'library-rollout', 'firmware-update', 'broker-outage']),
  );
});

it('puts into sp1800-8 exactly what that guide describes, and the essentials', () => {
  const posture = postures.find(({ id }) => id === 'sp1800-8');
  const described = CONTROL_IDS.filter((id) => CONTROLS[id].origin === 'sp1800-8' || CONTROLS[id].essential);
  expect([...(posture?.controls ?? [])].sort()).toEqual([...described].sort());
});

it('leaves nothing but essential performance in flat-legacy, and nothing out of layered', () => {
  const controlsOf = (id: string) => [...postures.find((one) => one.id === id)!.controls].sort();
  expect(controlsOf('flat-legacy')).toEqual(CONTROL_IDS.filter((id) => CONTROLS[id].essential).sort());
  expect(controlsOf('layered')).toEqual([...CONTROL_IDS].sort());
});
