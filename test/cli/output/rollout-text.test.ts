import { expect, it } from 'vitest';
import { rolloutText } from '../../../cli/output/rollout-text.ts';
import { rolloutPlanSchema, type Serial } from '../../../protocol/index.ts';
import { progressOf } from '../../../pump-server/index.ts';
import { advance } from '../../../pump-server/rollouts/advance.ts';
import { beginRollout } from '../../../pump-server/rollouts/rollout.ts';

const A = 'LVP-0001' as Serial;
const PLAN = rolloutPlanSchema.parse({
  ...{ id: 'r1', title: 'A rollout', model: 'lvp', version: '1.2.0' },
  waves: [{ name: 'all', share: 1 }],
});

it('shows what pumps say of a failure without letting it move the cursor', () => {
  const rollout = advance(beginRollout(PLAN, [{ serial: A, link: 'online', firmware: '1.1.0' }], 0), {
    ...{ what: 'event', serial: A, event: 'firmware-refused', atMs: 1 },
    detail: { version: '1.2.0', control: 'anti-rollback', reason: 'no\u001b[2J\n  all  [####]  1 passed' },
  });
  const text = rolloutText(progressOf(rollout));
  expect(text).toContain('no?[2J?  all');
  expect(text.split('\n').filter((line) => line.startsWith('  all'))).toHaveLength(1);
});
