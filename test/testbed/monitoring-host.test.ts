import { expect, test } from 'vitest';
import { HeapClock } from '../../clock/index.ts';
import type { ControlId } from '../../protocol/index.ts';
import { MonitoringHost } from '../../testbed/monitoring-host.ts';

const INTRUDER = 'urn:pumprange:observer:dashboard-01';
const NURSES = 'urn:pumprange:nurse-station:station-01';

function host(...controls: ControlId[]) {
  const made = new MonitoringHost({ clock: new HeapClock(0), startMs: 0, controls: new Set(controls) });
  const write = (count: number, subject: string | null = null): void => {
    for (let line = 0; line < count; line += 1) {
      made.log.record({
        ...{ source: 'broker', event: `e-${line}`, outcome: 'observed', visibility: 'blue' },
        subject,
      });
    }
  };
  write(10, INTRUDER);
  return { made, write };
}

test('a log that nobody touched has lost nothing', () => {
  const { made } = host('audit-trail', 'evidence-offload');
  expect(made.observe()).toEqual({ lostLines: 0, noticed: false });
});

test.each([
  ['wiped', (made: MonitoringHost) => made.wipe(), 10],
  ['rid of all about somebody', (made: MonitoringHost) => made.forge(INTRUDER, undefined), 10],
  ['made to blame another', (made: MonitoringHost) => made.forge(INTRUDER, NURSES), 10],
] as const)(
  'a log that is %s is sound in itself, and only checkpoints kept elsewhere convict it',
  (_, tamper, lostLines) => {
    for (const [controls, noticed] of [
      [['audit-trail'], false],
      [['audit-trail', 'evidence-offload'], true],
    ] as const) {
      const { made, write } = host(...controls);
      expect(tamper(made).outcome).toBe('succeeded');
      expect(made.observe()).toEqual({ lostLines, noticed });
      write(6);
      expect(made.observe()).toEqual({ lostLines, noticed });
      const told = made.log.events().filter(({ event }) => event === 'evidence.tampered');
      expect(told).toHaveLength(noticed ? 1 : 0);
    }
  },
);

test('where nobody keeps a log there is none to change', () => {
  const { made } = host();
  expect(made.wipe()).toEqual({ outcome: 'refused', detail: 'nobody keeps a log' });
  expect(made.observe()).toEqual({ lostLines: 0, noticed: false });
});
