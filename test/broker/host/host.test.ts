import type { IPublishPacket } from 'mqtt-packet';
import { afterEach, describe, expect, it } from 'vitest';
import type { BrokerHost } from '../../../protocol/index.ts';
import { type Floor, observer, openFloor, pump, station } from '../../helpers/floor.ts';
import { connectRaw, openRaw } from '../../helpers/raw-mqtt.ts';

const HOST: BrokerHost = { connections: 1_000, packetsPerSecond: 1_000, heldBytes: 1e6, restartMs: 1_000 };

let floor: Floor | undefined;
let killed = 0;
afterEach(async () => {
  await floor?.stop();
  floor = undefined;
  killed = 0;
});

async function floorOn(host: Partial<BrokerHost>): Promise<Floor> {
  floor = await openFloor({
    without: ['rate-limit', 'session-quota', 'topic-authorization', 'retained-guard'],
    capacity: {
      host: { ...HOST, ...host },
      killed: () => {
        killed += 1;
      },
    },
  });
  return floor;
}

const publish = (messageId: number, qos: 0 | 1 | 2, bytes: number, retain = false): IPublishPacket => ({
  cmd: 'publish',
  topic: `x/${messageId}`,
  payload: Buffer.alloc(bytes),
  qos,
  retain,
  dup: false,
  ...(qos > 0 && { messageId }),
});

describe('a broker on a host that can be used up', () => {
  it('has no place for one connection more, says so, and has one when one is given back', async () => {
    const on = await floorOn({ connections: 2 });
    const first = await openRaw(on, pump());
    await openRaw(on, pump('LVP-0002'));
    await expect(openRaw(on, pump('LVP-0003'))).rejects.toThrow();
    expect(on.evidence.map(({ cause }) => cause)).toContain(
      'host-connections: its host has no place for another connection',
    );
    first.socket.destroy();
    await on.wire.settle();
    await expect(openRaw(on, pump('LVP-0003'))).resolves.toBeDefined();
  });

  it('delivers what was sent during a flood only when it has worked on the flood', async () => {
    const on = await floorOn({ packetsPerSecond: 20 });
    const got: number[] = [];
    const opening = [on.dial(station(), { onMessage: () => got.push(on.clock.now()) }), on.dial(pump())];
    await on.run(5_000);
    const [reader, sender] = await Promise.all(opening);
    void reader?.link.subscribe('pumps/LVP-0001/alarm', 1);
    const flood = await connectRaw(on, observer());
    await on.run(5_000);
    const atMs = on.clock.now();
    for (let id = 1; id <= 200; id++) flood.send(publish(id, 0, 1));
    await on.wire.settle();
    void sender?.link.publish('pumps/LVP-0001/alarm', 'x', { qos: 0 });
    await on.run(60_000);
    expect(got).toHaveLength(1);
    expect((got[0] ?? 0) - atMs).toBeGreaterThanOrEqual(10_000);
  });

  it('is killed for memory by QoS 2 that nobody releases, not by what is released', async () => {
    const on = await floorOn({ heldBytes: 10_000 });
    const client = await connectRaw(on, observer());
    for (let id = 1; id <= 20; id++) {
      client.send(publish(id, 2, 1_000));
      await on.wire.settle();
      client.send({ cmd: 'pubrel', messageId: id });
      await on.wire.settle();
    }
    expect(killed).toBe(0);
    for (let id = 1; id <= 11; id++) client.send(publish(id, 2, 1_000));
    await on.run(1_000);
    expect(killed).toBe(1);
  });

  it('is killed for memory by what is retained', async () => {
    const on = await floorOn({ heldBytes: 10_000 });
    const client = await connectRaw(on, observer());
    for (let id = 1; id <= 11; id++) client.send(publish(id, 1, 1_000, true));
    await on.run(1_000);
    expect(killed).toBe(1);
  });
});
