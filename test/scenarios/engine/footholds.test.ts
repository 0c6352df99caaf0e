import { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { HeapClock } from '../../../clock/index.ts';
import { Footholds } from '../../../scenarios/engine/footholds.ts';
import type { AttackGround } from '../../../scenarios/index.ts';

/** A ground that gives nothing but these sockets, one after the other. */
function opening(footholds: Footholds, ...sockets: readonly Socket[]) {
  const left = [...sockets];
  const ground = { open: async () => left.shift()! } as Partial<AttackGround> as AttackGround;
  return () => footholds.watched(ground).open({ host: '127.0.0.1', port: 1, over: 'tls' });
}

const closed = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve));

it('counts a connection until it is closed', async () => {
  const footholds = new Footholds(new HeapClock(5_000));
  const socket = await opening(footholds, new Socket())();
  expect(footholds.open).toBe(1);
  socket.destroy();
  await closed(socket);
  expect(footholds).toMatchObject({ open: 0, lastClosedMs: 5_000 });
});

it('does not count one that was refused before it was of any use', async () => {
  const footholds = new Footholds(new HeapClock(0));
  const refused = new Socket();
  refused.destroy();
  await closed(refused);
  await opening(footholds, refused)();
  expect(footholds).toMatchObject({ open: 0, lastClosedMs: undefined });
});

it('counts one down that is destroyed and not closed yet', async () => {
  const footholds = new Footholds(new HeapClock(0));
  const dying = new Socket();
  dying.destroy();
  await opening(footholds, dying)();
  await closed(dying);
  expect(footholds.open).toBe(0);
});
