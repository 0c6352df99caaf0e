import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Serial } from '../../../protocol/index.ts';
import { type RolloutPlan, rolloutPlanSchema } from '../../../protocol/index.ts';
import { advance, type RolloutNews } from '../../../pump-server/rollouts/advance.ts';
import { offerOf } from '../../../pump-server/rollouts/offer.ts';
import { progressOf } from '../../../pump-server/rollouts/progress.ts';
import { beginRollout, type Rollout } from '../../../pump-server/rollouts/rollout.ts';

const T0 = Date.parse('2026-03-02T08:00:00.000Z');
const OLD = '1.1.0';
const NEW = '1.2.0';
const serial = (n: number) => `LVP-${String(n).padStart(4, '0')}` as Serial;

function plan(change: object = {}): RolloutPlan {
  return rolloutPlanSchema.parse({
    id: 'lvp-1-2-0',
    title: 'LVP 1.2.0',
    model: 'lvp',
    version: NEW,
    waves: [
      { name: 'canary', pumps: [serial(1)] },
      { name: 'ring', share: 0.5 },
      { name: 'all', share: 1 },
    ],
    gates: { linkBackWithinS: 300, observeForS: 600 },
    ...change,
  });
}

/** A ward of pumps on the old version, all online, and a clock that goes on a second with each piece of news. */
class Trial {
  rollout: Rollout;
  nowMs = T0;

  constructor(pumps = 5, change: object = {}) {
    const known = Array.from({ length: pumps }, (_, index) => ({
      serial: serial(index + 1),
      link: 'online' as const,
      firmware: OLD,
    }));
    this.rollout = advance(beginRollout(plan(change), known, T0), { what: 'time', atMs: T0 });
  }

  tell(news: { readonly what: string } & Record<string, unknown>): this {
    this.nowMs += 1_000;
    this.rollout = advance(this.rollout, { ...news, atMs: this.nowMs } as unknown as RolloutNews);
    return this;
  }

  event(n: number, event: string, detail: Record<string, unknown> = { version: NEW }): this {
    return this.tell({ what: 'event', serial: serial(n), event, detail });
  }

  status(n: number, firmware: string, link: 'online' | 'offline' = 'online'): this {
    return this.tell({ what: 'status', serial: serial(n), firmware, link });
  }

  /** A pump takes the update without trouble. */
  update(n: number): this {
    return this.event(n, 'firmware-staged')
      .event(n, 'firmware-applying', { from: OLD, to: NEW })
      .status(n, OLD, 'offline')
      .event(n, 'firmware-updated', { from: OLD, to: NEW })
      .status(n, NEW);
  }

  wait(seconds: number): this {
    this.nowMs += seconds * 1_000;
    return this.tell({ what: 'time' });
  }

  stage(n: number) {
    return this.rollout.pumps.find((pump) => pump.serial === serial(n))?.stage;
  }

  offered(): readonly Serial[] {
    const offer = offerOf(this.rollout, this.nowMs);
    return offer.what === 'nothing' ? [] : offer.serials;
  }
}

describe('a rollout', () => {
  it('puts named pumps into their waves, and shares the rest in the order of serial numbers', () => {
    const { rollout } = new Trial(6);
    expect(rollout.pumps.map(({ serial: id, wave }) => [id, wave])).toEqual([
      [serial(1), 0],
      [serial(2), 1],
      [serial(3), 1],
      [serial(4), 1],
      [serial(5), 2],
      [serial(6), 2],
    ]);
  });

  it('offers the update to one wave after the other, and is complete when all have passed', () => {
    const trial = new Trial();
    expect(trial.offered()).toEqual([serial(1)]);
    trial.update(1);
    expect(trial.stage(1)).toBe('observed');
    expect(trial.offered()).toEqual([serial(1)]);
    trial.wait(600);
    expect(trial.stage(1)).toBe('passed');
    expect(trial.offered()).toEqual([1, 2, 3].map(serial));
    trial.update(2).update(3).wait(600);
    expect(trial.offered()).toHaveLength(5);
    trial.update(4).update(5).wait(600);
    expect(trial.rollout).toMatchObject({ phase: 'completed', wave: 2 });
  });

  it.each<[string, (trial: Trial) => Trial, string]>([
    [
      'its trial fails',
      (trial) =>
        trial
          .event(1, 'firmware-applying', { from: OLD, to: NEW })
          .event(1, 'firmware-rolled-back', { from: NEW, to: OLD }),
      'rolled back to 1.1.0',
    ],
    [
      'its link does not come back',
      (trial) => trial.event(1, 'firmware-applying', { from: OLD, to: NEW }).wait(300),
      'not back online 300 s',
    ],
    [
      'it alarms on the new version',
      (trial) => trial.update(1).tell({ what: 'alarm', serial: serial(1), priority: 'high' }),
      '1 new alarms',
    ],
    ['it runs the old version again', (trial) => trial.update(1).status(1, OLD), 'went back to 1.1.0'],
    [
      'a control refuses it',
      (trial) =>
        trial.event(1, 'firmware-refused', { version: NEW, control: 'anti-rollback', reason: 'epoch' }),
      'refused by anti-rollback',
    ],
  ])('halts when the canary fails because %s, and no other pump is offered anything', (_, fail, reason) => {
    const trial = fail(new Trial());
    expect(trial.rollout).toMatchObject({ phase: 'halted', wave: 0 });
    expect(trial.rollout.reason).toContain(reason);
    expect(trial.offered()).toEqual([]);
    trial.wait(86_400);
    expect(trial.rollout.phase).toBe('halted');
    expect([2, 3, 4, 5].map((n) => trial.stage(n))).toEqual(['waiting', 'waiting', 'waiting', 'waiting']);
  });

  it('goes on within its error budget, and halts beyond it', () => {
    const trial = new Trial(5, {
      waves: [{ name: 'all', share: 1 }],
      gates: { failuresAtMost: 1, observeForS: 0 },
    });
    trial.event(2, 'firmware-rolled-back', { from: NEW, to: OLD });
    expect(trial.rollout.phase).toBe('running');
    // It does not try again by itself.
    expect(trial.offered()).toEqual([1, 3, 4, 5].map(serial));
    trial.event(4, 'firmware-rolled-back', { from: NEW, to: OLD });
    expect(trial.rollout.phase).toBe('halted');
  });

  it('does not count an alarm of low priority, nor one before the update', () => {
    const trial = new Trial();
    trial.tell({ what: 'alarm', serial: serial(1), priority: 'high' }).update(1);
    trial.tell({ what: 'alarm', serial: serial(1), priority: 'low' });
    expect(trial.stage(1)).toBe('observed');
  });

  it('waits for pumps that infuse, and finishes when they stand by', () => {
    const trial = new Trial(2, { waves: [{ name: 'all', share: 1 }], gates: { observeForS: 0 } });
    trial.update(1).event(2, 'firmware-staged').event(2, 'firmware-deferred').wait(7_200);
    expect(trial.stage(2)).toBe('staged');
    expect(trial.rollout.phase).toBe('running');
    trial.update(2).wait(1);
    expect(trial.rollout.phase).toBe('completed');
  });

  it('is not held up by pumps that are away, and lets them catch up', () => {
    const trial = new Trial(3, {
      waves: [
        { name: 'canary', pumps: [serial(1), serial(2)] },
        { name: 'all', share: 1 },
      ],
      gates: { observeForS: 0 },
    });
    trial.status(2, OLD, 'offline').update(1).wait(1);
    expect(trial.rollout.wave).toBe(1);
    trial.update(3).wait(1);
    expect(trial.rollout.phase).toBe('running');
    trial.status(2, OLD);
    expect(trial.offered()).toContain(serial(2));
    trial.update(2).wait(1);
    expect(trial.rollout.phase).toBe('completed');
  });

  it('is held up by a wave of which nobody can be reached: it proves nothing', () => {
    const trial = new Trial(3, {});
    trial.status(1, OLD, 'offline').wait(86_400);
    expect(trial.rollout.wave).toBe(0);
    expect([2, 3].map((n) => trial.stage(n))).toEqual(['waiting', 'waiting']);
  });

  it('takes up what happened while nobody listened from what a pump says that it runs', () => {
    const trial = new Trial(1, { waves: [{ name: 'all', share: 1 }] });
    trial.status(1, NEW).event(1, 'firmware-updated', { from: OLD, to: NEW }).wait(600);
    expect(trial.rollout.phase).toBe('completed');
  });

  it('passes no pump whose alarms nobody has seen yet, and fails one whose log never comes to the update', () => {
    const trial = new Trial(1, { waves: [{ name: 'all', share: 1 }] });
    trial.status(1, NEW).wait(600);
    expect([trial.rollout.phase, trial.stage(1)]).toEqual(['running', 'observed']);
    trial.wait(300);
    expect(trial.rollout.reason).toContain('its log has not come to the update');
    const late = new Trial(1, { waves: [{ name: 'all', share: 1 }] });
    late.status(1, NEW).wait(600).event(1, 'firmware-updated', { from: OLD, to: NEW }).wait(1);
    expect(late.rollout.phase).toBe('completed');
  });

  it('resumed after a mere pause accepts no failure that nobody has seen', () => {
    const trial = new Trial(3, { waves: [{ name: 'all', share: 1 }] });
    trial.tell({ what: 'pause', by: 'biomed-01' });
    trial.event(1, 'firmware-rolled-back', { from: NEW, to: OLD });
    expect(trial.rollout.phase).toBe('paused');
    trial.tell({ what: 'resume', by: 'biomed-01' });
    expect(trial.rollout).toMatchObject({ phase: 'halted', plan: { gates: { failuresAtMost: 0 } } });
  });

  it.each<[string, (trial: Trial) => Trial]>([
    ['had taken it and was away', (trial) => trial.event(2, 'firmware-staged').status(2, OLD, 'offline')],
    [
      'had failed on its way',
      (trial) =>
        trial.event(2, 'firmware-applying', { from: OLD, to: NEW }).status(2, OLD, 'offline').wait(300),
    ],
  ])('backed out takes up a pump again that %s when all others had gone back', (_, leave) => {
    const trial = new Trial(2, { waves: [{ name: 'all', share: 1 }], gates: { linkBackWithinS: 300 } });
    leave(trial.update(1)).tell({ what: 'back-out', by: 'biomed-01' }).status(1, OLD);
    expect(trial.rollout.phase).toBe('backed-out');
    trial.status(2, NEW);
    expect(trial.rollout.phase).toBe('backing-out');
    expect(trial.offered()).toEqual([1, 2].map(serial));
    trial.status(2, OLD);
    expect(trial.rollout.phase).toBe('backed-out');
  });

  it('paused offers nothing new, and goes on where it was', () => {
    const trial = new Trial(3, { waves: [{ name: 'all', share: 1 }], gates: { observeForS: 0 } });
    trial.event(1, 'firmware-staged').tell({ what: 'pause', by: 'biomed-01' });
    expect(trial.rollout).toMatchObject({ phase: 'paused', reason: 'paused by biomed-01' });
    expect(trial.offered()).toEqual([serial(1)]);
    trial.tell({ what: 'resume', by: 'biomed-01' });
    expect(trial.offered()).toHaveLength(3);
  });

  it('aborted takes back what is not applied yet', () => {
    const trial = new Trial(3, { waves: [{ name: 'all', share: 1 }] });
    trial.event(1, 'firmware-staged').event(2, 'firmware-applying', { from: OLD, to: NEW });
    trial.tell({ what: 'abort', by: 'biomed-01' });
    expect(trial.offered()).toEqual([serial(2)]);
    trial.tell({ what: 'resume', by: 'biomed-01' });
    expect(trial.rollout.phase).toBe('aborted');
  });

  it('backed out offers what ran before to those that have the new version, and says when all are back', () => {
    const trial = new Trial(3, { waves: [{ name: 'all', share: 1 }], gates: { observeForS: 0 } });
    trial.update(1).update(2).wait(1).tell({ what: 'back-out', by: 'biomed-01' });
    expect(offerOf(trial.rollout, trial.nowMs)).toMatchObject({
      what: 'previous',
      serials: [serial(1), serial(2)],
    });
    trial.status(1, OLD).status(2, OLD);
    expect(trial.rollout.phase).toBe('backed-out');
    expect([1, 2, 3].map((n) => trial.stage(n))).toEqual(['reverted', 'reverted', 'offered']);
  });

  it('backed out also offers what ran before to a pump that failed on the new version', () => {
    const trial = new Trial(3);
    trial.update(1).tell({ what: 'alarm', serial: serial(1), priority: 'high' });
    expect([trial.rollout.phase, trial.stage(1)]).toEqual(['halted', 'failed']);
    trial.tell({ what: 'back-out', by: 'biomed-01' });
    expect(trial.rollout.phase).toBe('backing-out');
    expect(trial.offered()).toEqual([serial(1)]);
    trial.status(1, OLD);
    expect([trial.rollout.phase, trial.stage(1)]).toEqual(['backed-out', 'reverted']);
  });

  it('backed out leaves alone who had the version before it began', () => {
    const known = [NEW, OLD].map((firmware, index) => ({
      serial: serial(index + 1),
      link: 'online' as const,
      firmware,
    }));
    const trial = new Trial();
    trial.rollout = beginRollout(plan({ waves: [{ name: 'all', share: 1 }] }), known, T0);
    trial.update(2).tell({ what: 'back-out', by: 'biomed-01' });
    expect(trial.offered()).toEqual([serial(2)]);
    trial.status(2, OLD);
    expect(trial.rollout.phase).toBe('backed-out');
  });

  it('backed out also offers it to a pump that updated while nobody could tell it not to', () => {
    const trial = new Trial(2, { waves: [{ name: 'all', share: 1 }] });
    trial.update(1).event(2, 'firmware-staged').status(2, OLD, 'offline');
    trial.tell({ what: 'back-out', by: 'biomed-01' }).status(2, NEW);
    expect(trial.offered()).toEqual([1, 2].map(serial));
  });

  it('resumed after it has halted goes on, and halts at the next failure', () => {
    const trial = new Trial(3, { waves: [{ name: 'all', share: 1 }], gates: { observeForS: 0 } });
    const fail = (n: number) =>
      trial
        .event(n, 'firmware-applying', { from: OLD, to: NEW })
        .event(n, 'firmware-rolled-back', { from: NEW, to: OLD });
    fail(1);
    expect(trial.rollout.phase).toBe('halted');
    trial.tell({ what: 'resume', by: 'biomed-01' });
    expect(trial.rollout).toMatchObject({ phase: 'running', plan: { gates: { failuresAtMost: 1 } } });
    expect(trial.offered()).toEqual([2, 3].map(serial));
    fail(2);
    expect(trial.rollout.phase).toBe('halted');
  });

  it('can be ended while it backs out, if the pumps do not take what ran before', () => {
    const trial = new Trial(1, { waves: [{ name: 'all', share: 1 }] });
    trial.update(1).tell({ what: 'back-out', by: 'biomed-01' }).tell({ what: 'abort', by: 'biomed-01' });
    expect(trial.rollout).toMatchObject({ phase: 'aborted', reason: 'aborted by biomed-01' });
  });

  it('says of a pump that lost its power while applying, and is back on the old version, that it waits again', () => {
    const trial = new Trial(1, { waves: [{ name: 'all', share: 1 }] });
    trial.event(1, 'firmware-staged').event(1, 'firmware-applying', { from: OLD, to: NEW }).status(1, OLD);
    expect(trial.stage(1)).toBe('applying');
    trial.status(1, OLD, 'offline').status(1, OLD).wait(7_200);
    expect([trial.rollout.phase, trial.stage(1)]).toEqual(['running', 'staged']);
  });

  it('names the maintenance window that is open, or the next one', () => {
    const at = (time: string, windows: object[]) => {
      const trial = new Trial(1, { windows });
      const offer = offerOf(trial.rollout, Date.parse(`2026-03-02T${time}:00.000Z`));
      if (offer.what === 'nothing' || offer.window === null) return null;
      return [offer.window.fromMs, offer.window.untilMs].map((ms) => new Date(ms).toISOString().slice(0, 16));
    };
    const night = [{ from: '22:00', to: '04:00' }];
    expect(at('12:00', night)).toEqual(['2026-03-02T22:00', '2026-03-03T04:00']);
    expect(at('23:00', night)).toEqual(['2026-03-02T22:00', '2026-03-03T04:00']);
    expect(at('03:59', night)).toEqual(['2026-03-01T22:00', '2026-03-02T04:00']);
    expect(at('04:00', night)).toEqual(['2026-03-02T22:00', '2026-03-03T04:00']);
    expect(at('04:00', [])).toBeNull();
  });

  it('says how far it is, wave by wave', () => {
    const trial = new Trial();
    trial.update(1).wait(600).event(2, 'firmware-staged').status(5, OLD, 'offline');
    expect(progressOf(trial.rollout)).toMatchObject({
      phase: 'running',
      wave: 'ring',
      pumps: 5,
      passed: 1,
      failed: 0,
      waves: [
        { name: 'canary', pumps: 1, stages: { passed: 1 } },
        { name: 'ring', pumps: 2, stages: { offered: 1, staged: 1 } },
        { name: 'all', pumps: 2, stages: { waiting: 2 }, offline: 1 },
      ],
    });
  });

  it('keeps its promises whatever it hears, and goes on from what was stored as if nothing had been', () => {
    const anySerial = fc.integer({ min: 1, max: 6 }).map(serial);
    const anyNews = fc.oneof(
      fc.record({
        what: fc.constant('status'),
        serial: anySerial,
        link: fc.constantFrom('online', 'offline'),
        firmware: fc.constantFrom(OLD, NEW),
      }),
      fc.record({
        what: fc.constant('event'),
        serial: anySerial,
        event: fc.constantFrom(
          'firmware-staged',
          'firmware-applying',
          'firmware-updated',
          'firmware-rolled-back',
          'firmware-refused',
        ),
        detail: fc.record({
          version: fc.constantFrom(OLD, NEW),
          from: fc.constantFrom(OLD, NEW),
          to: fc.constantFrom(OLD, NEW),
          control: fc.constantFrom(null, 'anti-rollback'),
        }),
      }),
      fc.record({
        what: fc.constant('alarm'),
        serial: anySerial,
        priority: fc.constantFrom('low', 'medium', 'high'),
      }),
      fc.record({ what: fc.constantFrom('time', 'time', 'time') }),
      fc.record({ what: fc.constantFrom('pause', 'resume', 'abort', 'back-out'), by: fc.constant('b') }),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(anyNews, fc.integer({ min: 0, max: 1_000 })), { maxLength: 80 }),
        (all) => {
          const trial = new Trial();
          let isEnded = false;
          for (const [news, seconds] of all) {
            trial.nowMs += seconds * 1_000;
            const before = trial.rollout;
            const stored = JSON.parse(JSON.stringify(before)) as Rollout;
            trial.tell(news);
            expect(advance(stored, { ...news, atMs: trial.nowMs } as unknown as RolloutNews)).toEqual(
              trial.rollout,
            );
            const { rollout } = trial;
            const offer = offerOf(rollout, trial.nowMs);
            if (offer.what === 'update') {
              for (const pump of rollout.pumps.filter(({ serial: id }) => offer.serials.includes(id))) {
                // One of a later wave may have taken it by other ways; it is not offered it.
                if (pump.stage === 'offered') expect(pump.wave).toBeLessThanOrEqual(rollout.wave);
                expect(pump.stage).not.toBe('failed');
              }
            }
            const failures = rollout.pumps.filter(({ stage }) => stage === 'failed').length;
            const { failuresAtMost } = rollout.plan.gates;
            if (failures > failuresAtMost) expect(rollout.phase).not.toBe('running');
            // Only who resumes it accepts what has failed.
            if (news.what !== 'resume') expect(failuresAtMost).toBe(before.plan.gates.failuresAtMost);
            if (isEnded) expect(['aborted', 'backing-out', 'backed-out']).toContain(rollout.phase);
            isEnded ||= rollout.phase === 'aborted';
            expect(rollout.wave).toBeGreaterThanOrEqual(before.wave);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
