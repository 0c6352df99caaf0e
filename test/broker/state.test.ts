import { expect, test } from 'vitest';
import { Broker } from '../../broker/index.ts';
import { HeapClock } from '../../clock/index.ts';
import { createMemoryPki } from '../../pki/index.ts';

test('a broker keeps its state in a folder or in Redis, not in both', async () => {
  const clock = new HeapClock(Date.UTC(2026, 2, 2));
  const pki = createMemoryPki({ clock });
  const starting = Broker.start({
    ...{ clock, host: '127.0.0.1', port: 0, controls: new Set(), evidence: () => undefined },
    credential: pki.credentialFor({ kind: 'broker', id: 'broker-01' }),
    judge: pki.judge({ revocation: false }),
    store: 'nowhere',
    redis: 'redis://127.0.0.1:1',
  });
  await expect(starting).rejects.toMatchObject({ code: 'PR_USAGE' });
});
