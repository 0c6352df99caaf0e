import { openFloor, pump, subscribe } from '../helpers/floor.ts';
import { connectRaw, openRaw } from '../helpers/raw-mqtt.ts';

/** Stops brokers on which much is going on. If anything is left open, this process does not end by itself. */

const told: unknown[] = [];
for (const without of [[], ['mutual-tls']] as const) {
  const floor = await openFloor({ without });
  const seat = await floor.seat(pump(), {
    keepAliveS: 60,
    will: { topic: 'pumps/LVP-0001/status', payload: 'offline', retain: true },
  });
  await subscribe(floor, seat, 'pumps/LVP-0001/command');
  await connectRaw(floor, pump('LVP-0002'), { keepalive: 30 });
  if (without.length > 0) await floor.seat(pump('LVP-0004'), { listener: 'plaintext' });
  await openRaw(floor, pump('LVP-0003')); // says no CONNECT
  await floor.broker.stop();
  await floor.wire.settle();
  await floor.broker.stop();
  const { clients } = floor.broker.counts();
  told.push({ clients, closed: seat.closed.length, nextDueMs: floor.clock.nextDueMs() ?? null });
}
process.stdout.write(JSON.stringify(told));
