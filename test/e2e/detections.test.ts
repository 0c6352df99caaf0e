import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { pumprange, tempFolder } from '../helpers/command.ts';

const RULE = `id: second-hand-key
title: A pump that is not in service commands another
status: experimental
description: Its key left the hospital with it.
level: high
source: [broker]
detection:
  denied: { event: publish.denied, subjectKind: pump, topic: pumps/+/command }
  condition: denied
by: [subject]
`;

it('scores a rule of a team on an attack', { timeout: 120_000 }, async () => {
  const folder = tempFolder();
  writeFileSync(join(folder, 'own.yaml'), RULE);
  const args = ['detections', 'score', 'own.yaml', '--scenario', 'spoofed-command', '--json'];
  const { code, stdout } = await pumprange(args, { cwd: folder });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    version: 1,
    rules: ['second-hand-key'],
    attacks: [
      {
        id: 'spoofed-command',
        alone: { verdict: 'caught', rule: 'second-hand-key' },
        beside: { verdict: 'caught' },
      },
    ],
    totals: { caught: 1, missed: 0, falseAlerts: 0 },
  });
});

it('says of a rule whether it is valid, and where it is not', async () => {
  const folder = tempFolder();
  writeFileSync(join(folder, 'own.yaml'), RULE);
  writeFileSync(join(folder, 'bad.yaml'), RULE.replace('condition: denied', 'condition: denied and late'));
  expect(await pumprange(['detections', 'check', 'own.yaml'], { cwd: folder })).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/second-hand-key {2}high, event[\s\S]*1 rules are valid/),
  });
  const bad = await pumprange(['detections', 'check', 'bad.yaml'], { cwd: folder });
  expect(bad).toMatchObject({ code: 2, stdout: '' });
  expect(bad.stderr).toContain('bad.yaml:9:14: detection.condition: there is no selection late');
});
