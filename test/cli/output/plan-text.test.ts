import { expect, test } from 'vitest';
import { planText } from '../../../cli/output/plan-text.ts';
import { parseZonePlan } from '../../../network/plan/load.ts';

const PLAN = `
id: w
title: W
description: W.
zones:
  - { id: ward, title: Ward, ipv4: 10.7.1.0/24, admits: anybody }
  - { id: office, title: Office, ipv4: 10.7.2.0/24, admits: anybody }
assets: []
conduits:
  - { from: ward, to: office, services: any, why: A visit., until: "2026-01-02T00:00:00Z" }
`;

test('a conduit past its time is shown as closed', () => {
  const result = parseZonePlan(PLAN, 'w.yaml');
  if ('problems' in result) throw new Error(result.problems.join('\n'));
  const line = (at: string) =>
    planText(result.policy, Date.parse(at))
      .split('\n')
      .find((one) => /A visit/.test(one));
  expect(line('2026-01-01T00:00:00Z')).toMatch(/any +2026-01-02T00:00:00\.000Z +A visit/);
  expect(line('2026-01-02T00:00:00Z')).toMatch(/any +closed since 2026-01-02T00:00:00\.000Z +A visit/);
});
