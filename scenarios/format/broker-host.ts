import { z } from 'zod';
import type { BrokerHost } from '../../protocol/index.ts';
import { durationMs, durationSchema } from './duration.ts';

/** The machine below the broker, where a rehearsal is about using it up. */
export const brokerHostSchema = z
  .strictObject({
    connections: z
      .int()
      .min(8)
      .max(2_000)
      .default(24)
      .describe('Connections that it can have open at a time, whoever has them.'),
    packetsPerSecond: z
      .int()
      .min(5)
      .max(10_000)
      .default(50)
      .describe('MQTT packets that it can work on; a handshake counts as ten.'),
    heldKiB: z
      .int()
      .min(64)
      .max(65_536)
      .default(1_024)
      .describe(
        'KiB of payloads that it can hold: retained, and of QoS 2 until they are released; beyond it the broker is killed.',
      ),
    restartAfter: durationSchema.default('30s').describe('From then until the broker runs again.'),
  })
  .describe(
    'What the machine below the broker can bear, in every posture; small in the measure in which the fleet is. Where rate-limit and ' +
      'session-quota are on they are set for it. Absent: it bears whatever comes.',
  );

export function brokerHostOf(file: z.infer<typeof brokerHostSchema>): BrokerHost {
  const { connections, packetsPerSecond, heldKiB, restartAfter } = file;
  return { connections, packetsPerSecond, heldBytes: heldKiB * 1_024, restartMs: durationMs(restartAfter) };
}
