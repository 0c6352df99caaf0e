import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pumprange, tempFolder } from '../helpers/command.ts';

test('a plan is shown with its zones, its assets, and a reason for every conduit', async () => {
  const { code, stdout, stderr } = await pumprange(['network', 'plan']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/medical-devices +10\.18\.20\.0\/24 +fd18:8:20::\/64 +open +pump/);
  expect(stdout).toMatch(/broker +clinical-services +mqtt-tls tcp\/8883/);
  expect(stdout).toMatch(/medical-devices +broker +tcp\/8883, tcp\/1883 +Pumps report/);
});

test('and as data, or as the firewall that it compiles to', async () => {
  const { stdout } = await pumprange(['network', 'plan', 'sp1800-8', '--pumps', '3', '--json']);
  const plan: { places: { asset: string }[]; conduits: { name: string }[] } = JSON.parse(stdout);
  expect(plan.places.filter(({ asset }) => asset === 'pump')).toHaveLength(3);
  const ruleset = (await pumprange(['network', 'plan', '--nft'])).stdout;
  for (const { name } of plan.conduits) expect(ruleset).toContain(`comment "${name}"`);
});

test('what a plan has wrong is named with its line', async () => {
  const file = join(tempFolder(), 'plan.yaml');
  writeFileSync(
    file,
    'id: x\ntitle: X\ndescription: X.\nzones:\n  - { id: a, title: A, ipv4: 8.8.8.0/24, admits: anybody }\nassets: []\nconduits: []\n',
  );
  const { code, stderr } = await pumprange(['network', 'plan', file]);
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /^PR_ZONES_INVALID: .*plan\.yaml:5:\d+: zones\.0\.ipv4: 8\.8\.8\.0\/24 is not private[\s\S]*way out/,
  );
});
