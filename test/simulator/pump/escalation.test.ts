import { describe, expect, it } from 'vitest';
import { MINUTE_MS, Rig } from './rig.ts';

const paused = (): { rig: Rig; fromMs: number } => {
  const rig = new Rig().on().infuse();
  rig.nurse({ action: 'pause', channel: 'A' });
  return { rig, fromMs: rig.clock.now() };
};
const priority = (rig: Rig) => rig.pump.reading().alarms[0]?.priority;

describe('an alert that nobody sees to', () => {
  it('becomes more urgent after 5 minutes', () => {
    const { rig, fromMs } = paused();
    rig.run(20 * MINUTE_MS - 1);
    expect(priority(rig)).toBe('low');
    rig.run(1);
    expect(priority(rig)).toBe('medium');
    expect(rig.facts.at(-1)).toMatchObject({
      alarm: 'input-waiting',
      change: 'escalated',
      priority: 'medium',
      atMs: fromMs + 20 * MINUTE_MS,
    });
  });

  it('sounds again then, whatever was silenced, and only once', () => {
    const { rig } = paused();
    rig.run(19 * MINUTE_MS);
    rig.nurse({ action: 'silence' });
    rig.run(MINUTE_MS);
    expect(rig.pump.reading().alarms[0]?.silencedUntilMs).toBeNull();
    rig.run(60 * MINUTE_MS);
    expect(rig.story().filter((what) => what === 'input-waiting escalated')).toHaveLength(1);
  });

  it('does not once somebody has come', () => {
    const { rig } = paused();
    rig.run(16 * MINUTE_MS);
    rig.nurse({ action: 'resume', channel: 'A' });
    rig.run(30 * MINUTE_MS);
    expect(rig.story()).not.toContain('input-waiting escalated');
  });
});
