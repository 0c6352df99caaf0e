import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { expect, it } from 'vitest';
import { HeapClock } from '../../../clock/index.ts';
import { CONTROL_IDS } from '../../../protocol/index.ts';
import { createEvidenceLog, memoryLines, sealEvidence, verifyEvidence } from '../../../supervision/index.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const signs = (bytes: Uint8Array): Uint8Array => sign('sha256', bytes, privateKey);
const verifies = (bytes: Uint8Array, signature: Uint8Array): boolean =>
  verify('sha256', bytes, publicKey, signature);

function logged() {
  const store = memoryLines();
  const log = createEvidenceLog({
    clock: new HeapClock(1_000),
    startMs: 0,
    stores: [store],
    controls: new Set(CONTROL_IDS),
  });
  for (const event of ['session.opened', 'publish.denied', 'session.closed']) {
    log.record({ source: 'broker', event, outcome: 'observed', visibility: 'blue' });
  }
  return { lines: store.lines, events: log.events() };
}

it('makes of the events of a run the very lines that its own log has', () => {
  const { lines, events } = logged();
  expect(sealEvidence(events, 2_000, signs).lines).toEqual(lines);
});

it('vouches for every line, and finds what was changed', () => {
  const { lines, checkpoint } = sealEvidence(logged().events, 2_000, signs);
  expect(verifyEvidence(lines, [checkpoint], verifies)).toMatchObject({
    intact: true,
    vouchedToN: 3,
    faults: [],
  });
  expect(verifyEvidence(lines.slice(0, 2), [checkpoint], verifies).faults).toMatchObject([
    { fault: 'truncated' },
  ]);
  const changed = lines.map((line) => line.replace('publish.denied', 'publish.allowed'));
  expect(verifyEvidence(changed, [checkpoint], verifies).faults).toMatchObject([{ fault: 'changed', n: 2 }]);
});

it('seals a run in which nothing was seen', () => {
  const { lines, checkpoint } = sealEvidence([], 2_000, signs);
  expect(verifyEvidence(lines, [checkpoint], verifies)).toMatchObject({ intact: true, lines: 0 });
});
