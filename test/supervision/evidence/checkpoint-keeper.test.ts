import { expect, test } from 'vitest';
import { HeapClock } from '../../../clock/index.ts';
import type { EvidenceEntry } from '../../../protocol/index.ts';
import { checkpointKeeper, createEvidenceLog, memoryLines } from '../../../supervision/index.ts';

/** A log with a checkpoint for every second line, of two lines. */
function log() {
  const lines = memoryLines();
  const told: EvidenceEntry[] = [];
  const keeper = checkpointKeeper(
    (n) => lines.lines[n - 1],
    (entry) => told.push(entry),
  );
  const written = createEvidenceLog({
    clock: new HeapClock(0),
    stores: [lines],
    controls: new Set(['audit-trail', 'evidence-offload']),
    checkpointEvery: 2,
    sign: () => Buffer.from('signed'),
    keepElsewhere: keeper.keep,
  });
  const write = (count: number): void => {
    for (let line = 0; line < count; line += 1) {
      written.record({ source: 'broker', event: `e-${line}`, outcome: 'observed', visibility: 'blue' });
    }
  };
  write(2);
  return { lines, told, keeper, written, write };
}

test('a log that only grows is nothing to tell of', () => {
  const { told, keeper, write } = log();
  write(20);
  expect(keeper.kept).toHaveLength(11);
  expect(told).toEqual([]);
});

test('a log that was emptied and begun anew is told of with the next checkpoint', () => {
  const { lines, told, written, write } = log();
  write(4);
  lines.rewrite([]);
  written.takeUp();
  write(2);
  expect(told).toMatchObject([
    { event: 'evidence.tampered', control: 'evidence-offload', cause: 'the log had 6 lines and has fewer' },
  ]);
});

test('a log whose vouched line was replaced is told of, though it is as long as before', () => {
  const { lines, told, written, write } = log();
  lines.rewrite(lines.lines.map((line) => line.replace('e-1', 'e-9').replace(/"hash":"./, '"hash":"0')));
  written.takeUp();
  write(2);
  expect(told).toMatchObject([{ cause: 'line 2 is not the one that was vouched for' }]);
});
