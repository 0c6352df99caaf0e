import { describe, expect, it } from 'vitest';
import { indispensable, withoutOnlyLayer } from '../../../scenarios/report/attack-facts.ts';
import { figuresOf } from '../../../scenarios/report/figures.ts';
import { evidence } from '../engine/observed.ts';
import { sampleReport, sampleRun } from './sample-report.ts';

const attack = sampleReport(1).matrix!.attacks[0]!;

describe('a control that cannot be spared', () => {
  it('is one without which an attack is no longer held', () => {
    const removed = { 'mutual-tls': 'detects', 'rate-limit': 'stops' } as const;
    expect(indispensable({ ...attack, all: 'stops', removed })).toEqual(['mutual-tls']);
  });

  it('is none where the attack is not held with all of them either', () => {
    const removed = { 'mutual-tls': 'none', 'rate-limit': 'none' } as const;
    expect(indispensable({ ...attack, all: 'none', boundedByAll: true, removed })).toEqual([]);
  });
});

describe('the only layer that stands alone', () => {
  const broker = { ...attack, layers: ['broker' as const] };

  it('is told with what is left when it is lost, off that very cell', () => {
    expect(withoutOnlyLayer({ ...broker, domainLost: { broker: 'stops' } })).toEqual({
      layer: 'broker',
      left: 'with it lost the others stop it together',
    });
    expect(withoutOnlyLayer({ ...broker, domainLost: { broker: 'detects' } })?.left).toBe(
      'with it lost nothing holds it',
    );
    expect(withoutOnlyLayer({ ...broker, domainLost: {} })?.left).toBe('with it lost nothing was shown');
  });

  it('is none where more stand, or none does', () => {
    expect(withoutOnlyLayer({ ...attack, layers: ['broker', 'network'] })).toBeUndefined();
    expect(withoutOnlyLayer({ ...attack, layers: [] })).toBeUndefined();
  });
});

describe('pumps reached', () => {
  const run = sampleRun('a', 'a', 'bare', { overMl: 1, recordsRead: 0 });
  const accepted = evidence({
    source: 'pump:LVP-0001',
    event: 'command.accepted',
    outcome: 'allowed',
    simulatedMs: 180_000,
  });
  const step = { ...run.steps[1]!, outcome: 'succeeded' as const };

  it('are none where a broker took a command that no pump did', () => {
    expect(figuresOf(run).pumpsReached).toBe(0);
    expect(figuresOf({ ...run, evidence: [{ ...accepted, event: 'command.refused' }] }).pumpsReached).toBe(0);
  });

  it('are those that accepted something at the instant of a step of the adversary', () => {
    expect(figuresOf({ ...run, evidence: [accepted] }).pumpsReached).toBe(1);
    expect(figuresOf({ ...run, evidence: [{ ...accepted, simulatedMs: 181_000 }] }).pumpsReached).toBe(0);
  });

  it('are those that it had in hands or spoke to itself, and no connection with a name like a serial number', () => {
    const at = (object: string) =>
      figuresOf({ ...run, steps: [{ ...step, verb: 'open-console', object }] }).pumpsReached;
    expect(at('LVP-0002')).toBe(1);
    expect(at('stolen')).toBe(0);
  });
});
