import { expect, test } from 'vitest';
import { Presence } from '../../../supervision/index.ts';
import { evidence } from '../../scenarios/engine/observed.ts';

const SUBJECT = 'urn:pumprange:pump:LVP-0001';

function seen(
  ...events: readonly (readonly [name: string, atMs: number, control?: 'certificate-revocation'])[]
) {
  const presence = new Presence();
  for (const [event, receiptTimeMs, control = null] of events) {
    presence.observe(
      evidence({ event, receiptTimeMs, subject: SUBJECT, control, cause: `because ${event}` }),
    );
  }
  return presence.of(SUBJECT);
}

test('who was never seen is unsupervised, who has a session is not', () => {
  expect(seen()).toEqual({ supervision: 'unsupervised', sinceMs: null, cause: null, control: null });
  expect(seen(['session.opened', 5])).toMatchObject({ supervision: 'supervised', sinceMs: 5 });
});

test('a session that is dropped leaves its pump unsupervised, and says which control did it', () => {
  const dropped = seen(
    ['session.opened', 5],
    ['session.dropped', 7, 'certificate-revocation'],
    ['session.closed', 7],
    // Attempts that come to nothing change nothing.
    ['session.refused', 9, 'certificate-revocation'],
  );
  expect(dropped).toEqual({
    supervision: 'unsupervised',
    sinceMs: 7,
    cause: 'because session.dropped',
    control: 'certificate-revocation',
  });
});

test('a takeover, in which the new session may open before the old one closes, is no gap', () => {
  expect(seen(['session.opened', 5], ['session.opened', 6], ['session.closed', 7])).toMatchObject({
    supervision: 'supervised',
    sinceMs: 5,
  });
  expect(seen(['session.opened', 5], ['session.closed', 6], ['session.opened', 7])).toMatchObject({
    supervision: 'supervised',
    sinceMs: 7,
    control: null,
  });
});

test('what others report of sessions does not count', () => {
  const presence = new Presence();
  presence.observe(evidence({ source: 'pump:LVP-0001', event: 'session.opened', subject: SUBJECT }));
  expect(presence.of(SUBJECT).supervision).toBe('unsupervised');
});
