import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HeapClock, seededRandom, unsettled } from '../../../clock/index.ts';
import { Network } from '../../../network/emulation/network.ts';
import { createMemoryPki } from '../../../pki/index.ts';
import type { ControlId, EvidenceEntry, GatedService } from '../../../protocol/index.ts';
import { loadWardData } from '../../../testbed/index.ts';

/** The gate in front of a real listener, on the loopback addresses of Linux. */

const BROKER: GatedService = { asset: 'broker', name: 'mqtt-tls' };
const { zones } = loadWardData();

let server: Server;
let network: Network;
let clock: HeapClock;
let evidence: EvidenceEntry[];
const taken: Socket[] = [];
const dialled: Socket[] = [];

function networkWith(...controls: readonly ControlId[]): void {
  clock = new HeapClock(0);
  evidence = [];
  const pki = createMemoryPki({ clock });
  network = new Network({
    ...{ clock, settling: unsettled, random: seededRandom(7), ...zones, hasAddresses: true },
    controls: new Set(controls),
    judge: pki.judge({ revocation: false }),
    evidence: (entry) => evidence.push(entry),
  });
}

beforeEach(async () => {
  server = createServer((socket) => {
    if (network.gate(socket, BROKER).allowed) taken.push(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(() => {
  for (const socket of [...taken.splice(0), ...dialled.splice(0)]) socket.destroy();
  server.close();
});

/** Connects from an address, and waits until it is taken or cut. */
async function reaches(from: string): Promise<boolean> {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const socket = connect({ host: '127.0.0.1', port, localAddress: from });
  dialled.push(socket);
  socket.on('error', () => undefined);
  const before = taken.length;
  return new Promise((resolve) => {
    socket.once('close', () => resolve(false));
    const look = (): void => {
      if (taken.length > before) resolve(true);
      else if (!socket.destroyed) setTimeout(look, 5);
    };
    look();
  });
}

describe.runIf(process.platform === 'linux')('a connection', () => {
  test('is cut before a byte is read, by the address that it comes from', async () => {
    networkWith('zone-segmentation');
    expect(await reaches('127.20.0.7')).toBe(true);
    expect(await reaches('127.22.0.7')).toBe(false);
    expect(await reaches('127.0.0.1')).toBe(true);
    expect(evidence).toEqual([
      {
        source: 'network',
        event: 'connection.denied',
        outcome: 'denied',
        visibility: 'blue',
        zone: 'guest',
        address: '127.22.0.7',
        control: 'zone-segmentation',
        cause: 'no conduit from guest to broker/mqtt-tls',
        object: 'broker/mqtt-tls',
      },
    ]);
  });

  test('is let through from everywhere where there are no zones', async () => {
    networkWith();
    expect(await reaches('127.22.0.7')).toBe(true);
    expect(evidence).toEqual([]);
  });

  test('of an address that goes into quarantine ends, and none comes again until it is released', async () => {
    networkWith('zone-segmentation', 'network-quarantine');
    expect(await reaches('127.20.0.7')).toBe(true);
    expect(await reaches('127.20.0.8')).toBe(true);
    const [theirs, neighbours] = [...taken];
    const target = { identities: [], addresses: ['127.20.0.7'] };
    expect(network.quarantine(target)).toEqual({ done: true, addresses: ['127.20.0.7'], cut: 1 });
    expect([theirs?.destroyed, neighbours?.destroyed]).toEqual([true, false]);
    expect(await reaches('127.20.0.7')).toBe(false);
    expect(evidence.at(-1)).toMatchObject({ control: 'network-quarantine', address: '127.20.0.7' });
    network.release(target);
    expect(await reaches('127.20.0.7')).toBe(true);
  });

  test('that is denied again and again is told once in ten seconds, with how often', async () => {
    networkWith('zone-segmentation');
    for (let count = 0; count < 5; count++) await reaches('127.22.0.7');
    expect(evidence).toHaveLength(1);
    clock.runTo(10_000);
    await reaches('127.22.0.7');
    expect(evidence).toHaveLength(2);
    expect(evidence[1]?.cause).toBe('no conduit from guest to broker/mqtt-tls (4 like it before)');
  });
});

test('where there is no address but one, nobody is denied, and the evidence says so', async () => {
  const pki = createMemoryPki({ clock: new HeapClock(0) });
  const told: EvidenceEntry[] = [];
  const small = new Network({
    ...{
      clock: new HeapClock(0),
      settling: unsettled,
      random: seededRandom(7),
      ...zones,
      hasAddresses: false,
    },
    controls: new Set(['zone-segmentation', 'network-quarantine']),
    judge: pki.judge({ revocation: false }),
    evidence: (entry) => told.push(entry),
  });
  expect([small.addressOf('pump-server'), small.foothold('guest')]).toEqual([undefined, undefined]);
  expect(small.knock(undefined, BROKER)).toEqual({ allowed: true, zone: 'operator' });
  expect(told).toMatchObject([{ event: 'network.unsegmented' }]);
});

test('a tightened rule leaves open what is open, unless sessions are ended, too', async () => {
  networkWith('zone-segmentation');
  expect(await reaches('127.20.0.9')).toBe(true);
  const close = { open: [], close: ['medical-devices-to-broker'] };
  expect(network.changeFirewall(close, 'kept')).toEqual({ done: true, cut: 0 });
  expect(dialled[0]?.destroyed).toBe(false);
  expect(await reaches('127.20.0.9')).toBe(false);
  expect(network.changeFirewall({ open: [], close: [] }, 'ended')).toEqual({ done: true, cut: 1 });
  expect(evidence.filter(({ event }) => event === 'firewall.changed')).toHaveLength(2);
});

test('on one network there is no firewall to change', () => {
  networkWith();
  const refused = { done: false, reason: expect.stringContaining('one network') };
  expect(network.changeFirewall({ open: [], close: [] }, 'kept')).toEqual(refused);
  expect(network.setBridge('guest', 'core', true)).toEqual(refused);
  expect(network.setPartition('guest', 'core', true)).toEqual(refused);
});
