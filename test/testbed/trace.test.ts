import { describe, expect, it } from 'vitest';
import type { AlarmChange } from '../../scenarios/index.ts';
import { alarmSpans } from '../../testbed/trace.ts';

const change = (parts: Partial<AlarmChange>): AlarmChange => ({
  atMs: 1_000,
  alarm: 'air-in-line',
  channel: 'A',
  priority: 'medium',
  change: 'raised',
  ...parts,
});

describe('the spans of alarms', () => {
  it('last from raised to cleared, silenced or not, each on its own', () => {
    const spans = alarmSpans(
      [
        change({}),
        change({ atMs: 2_000, change: 'silenced' }),
        change({ atMs: 3_000, change: 'cleared' }),
        change({ atMs: 5_000 }),
        change({ atMs: 6_000, change: 'cleared' }),
      ],
      'A',
      500,
      10_500,
    );
    expect(spans).toEqual([
      { alarm: 'air-in-line', priority: 'medium', fromMs: 500, untilMs: 2_500 },
      { alarm: 'air-in-line', priority: 'medium', fromMs: 4_500, untilMs: 5_500 },
    ]);
  });

  it('last until the end where nobody cleared them, at the priority that they came to', () => {
    const changes = [change({}), change({ atMs: 2_000, change: 'silenced', priority: 'high' })];
    expect(alarmSpans(changes, 'A', 0, 9_000)).toEqual([
      { alarm: 'air-in-line', priority: 'high', fromMs: 1_000, untilMs: 9_000 },
    ]);
  });

  it('are those of the channel and of the pump as a whole', () => {
    const changes = [
      change({ channel: 'B' }),
      change({ channel: null, alarm: 'battery-low' }),
      change({ atMs: 1_500 }),
      change({ atMs: 2_000, channel: 'B', change: 'cleared' }),
    ];
    const names = alarmSpans(changes, 'A', 0, 9_000).map(({ alarm, untilMs }) => `${alarm} ${untilMs}`);
    expect(names).toEqual(['battery-low 9000', 'air-in-line 9000']);
  });
});
