import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parsePlaybook } from '../../../scenarios/format/parse.ts';
import { loadPlaybooks, loadScenario } from '../../../scenarios/index.ts';
import { loadRules } from '../../../supervision/index.ts';

const good = readFileSync('scenarios/playbooks/revoke-identity.yaml', 'utf8');
const rules = loadRules('supervision/detection/rules').map(({ id }) => id);

function problemsOf(text: string): readonly string[] {
  const parsed = parsePlaybook(text, 'p.yaml', { detectionRules: rules });
  return 'problems' in parsed
    ? parsed.problems.map(({ line, column, message }) => `${line}:${column} ${message}`)
    : [];
}

describe('a playbook', () => {
  it('is shipped with rules that there are', () => {
    expect(loadPlaybooks(['scenarios/playbooks'], { detectionRules: rules }).length).toBeGreaterThan(0);
  });

  it('says where it is wrong', () => {
    expect(problemsOf(good)).toEqual([]);
    expect(problemsOf(good.replace('command-by-no-clinician', 'command-by-nobody'))).toEqual([
      expect.stringMatching(/^12:7 there is no detection rule "command-by-nobody"/),
    ]);
    expect(problemsOf(good.replace('do: revoke ', 'do: revoek '))).toHaveLength(1);
    expect(problemsOf(good.replace(/rules:[\s\S]*delay/, 'rules: []\ndelay'))).not.toEqual([]);
    expect(problemsOf(good.replace(/trigger:[\s\S]*delay/, 'trigger: {}\ndelay'))).not.toEqual([]);
  });

  it('has to be there where a scenario names it', () => {
    const file = 'scenarios/catalog/attack/spoofed-command.yaml';
    expect(() => loadScenario(file, { playbooks: [] })).toThrow(/there is no playbook "revoke-identity"/);
  });
});
