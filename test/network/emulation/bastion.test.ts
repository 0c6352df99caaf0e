import { sign } from 'node:crypto';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HeapClock, seededRandom, unsettled } from '../../../clock/index.ts';
import type { Supplicant } from '../../../network/emulation/credentials.ts';
import { Network } from '../../../network/emulation/network.ts';
import { createMemoryPki, type Pki, pemBlocks } from '../../../pki/index.ts';
import type { ControlId, EvidenceEntry, GatedService, Identity } from '../../../protocol/index.ts';
import { parseSerial, urnOf } from '../../../protocol/index.ts';
import { loadWardData } from '../../../testbed/index.ts';

const START_MS = Date.parse('2026-03-02T06:00:00Z');
const MINUTE_MS = 60_000;
const { zones } = loadWardData();
const VENDOR: Identity = { kind: 'vendor', id: 'vendor-01' };
const ENGINEER: Identity = { kind: 'biomed', id: 'biomed-01' };
const CONSOLE: GatedService = { asset: 'pump', serial: parseSerial('LVP-0001')!, name: 'console' };
const FROM = '127.28.200.1';

let clock: HeapClock;
let pki: Pki;
let network: Network;
let evidence: EvidenceEntry[];
/** A service of a pump that says back what it hears. */
let pump: Server;
let pumpPort = 0;
const heardFrom: (string | undefined)[] = [];
const sockets = new Set<Socket>();

function networkWith(...controls: readonly ControlId[]): void {
  clock = new HeapClock(START_MS);
  pki = createMemoryPki({ clock });
  evidence = [];
  network = new Network({
    ...{ clock, settling: unsettled, random: seededRandom(7), ...zones, hasAddresses: true },
    controls: new Set(controls),
    judge: pki.judge({ revocation: controls.includes('certificate-revocation') }),
    evidence: (entry) => evidence.push(entry),
  });
}

function shown(identity: Identity): Supplicant {
  const { chainPem, privateKeyPem } = pki.credentialFor(identity);
  return {
    chainDer: pemBlocks(chainPem, 'CERTIFICATE'),
    sign: (challenge) => sign('sha256', challenge, privateKeyPem),
  };
}

const target = () => ({ service: CONSOLE, at: { host: '127.0.0.1', port: pumpPort } });
const approval = { vendor: VENDOR, engineer: ENGINEER, service: CONSOLE, forMs: 5 * MINUTE_MS };

beforeEach(async () => {
  pump = createServer((socket) => {
    sockets.add(socket);
    if (!network.gate(socket, CONSOLE).allowed) return;
    heardFrom.push(socket.remoteAddress);
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => pump.listen(0, '127.0.0.1', resolve));
  const address = pump.address();
  pumpPort = typeof address === 'object' && address !== null ? address.port : 0;
});

afterEach(async () => {
  await network.stop();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  heardFrom.length = 0;
  pump.close();
});

interface Line {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  say(text: string): Promise<string>;
}

function dial(at: { host: string; port: number }, from: string): Line {
  const socket = connect({ ...at, localAddress: from });
  sockets.add(socket);
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return {
    socket,
    closed,
    say: (text) =>
      new Promise((resolve) => {
        socket.once('data', (chunk: Buffer) => resolve(chunk.toString()));
        void closed.then(() => resolve('closed'));
        socket.write(text);
      }),
  };
}

describe.runIf(process.platform === 'linux')('with the bastion', () => {
  const controls = ['zone-segmentation', 'vendor-bastion'] as const;

  test('a vendor stands beside it, and reaches nothing else', () => {
    networkWith(...controls);
    const { zone, address } = network.vendorArrives();
    expect(zone).toBe('remote-access');
    expect(network.knock(address, CONSOLE)).toMatchObject({ allowed: false, control: 'zone-segmentation' });
    expect(network.knock(address, { asset: 'broker', name: 'mqtt-tls' }).allowed).toBe(false);
    expect(network.knock(address, { asset: 'bastion', name: 'session' }).allowed).toBe(true);
  });

  test('a session that an engineer approved is relayed from its own address, and recorded', async () => {
    networkWith(...controls);
    network.bastion.approve(approval);
    const session = await network.bastion.open(shown(VENDOR), FROM, target());
    if (!session.open) throw new Error(session.reason);
    const line = dial(session, FROM);
    expect(await line.say('IDENT\n')).toBe('IDENT\n');
    expect(heardFrom).toEqual([network.addressOf('bastion')]);
    const [record] = network.bastion.records();
    expect(record).toMatchObject({
      vendor: VENDOR,
      engineer: ENGINEER,
      connections: 1,
      endedAtMs: undefined,
    });
    expect(Buffer.concat(record?.toService ?? []).toString()).toBe('IDENT\n');
    expect(Buffer.concat(record?.toVendor ?? []).toString()).toBe('IDENT\n');
    expect(evidence.map(({ event }) => event)).toEqual(['vendor.approved', 'vendor.session-opened']);
  });

  test('it ends at its time, with what is open', async () => {
    networkWith(...controls);
    network.bastion.approve(approval);
    const session = await network.bastion.open(shown(VENDOR), FROM, target());
    if (!session.open) throw new Error(session.reason);
    const line = dial(session, FROM);
    await line.say('IDENT\n');
    clock.runTo(START_MS + 5 * MINUTE_MS - 1);
    expect(line.socket.destroyed).toBe(false);
    clock.runTo(START_MS + 5 * MINUTE_MS);
    await line.closed;
    expect(evidence.at(-1)).toMatchObject({
      event: 'vendor.session-ended',
      cause: 'its time is over; 1 connections',
    });
    expect(network.bastion.records()[0]?.endedAtMs).toBe(START_MS + 5 * MINUTE_MS);
    // Nobody listens there any more.
    await dial(session, FROM).closed;
    expect(heardFrom).toHaveLength(1);
  });

  test('a neighbour of the vendor finds the port, and nothing behind it', async () => {
    networkWith(...controls);
    network.bastion.approve(approval);
    const session = await network.bastion.open(shown(VENDOR), FROM, target());
    if (!session.open) throw new Error(session.reason);
    await dial(session, '127.28.200.2').closed;
    await dial(session, '127.20.0.9').closed;
    expect(heardFrom).toEqual([]);
  });

  test.each([
    ['nobody has approved it', VENDOR, CONSOLE, 0, 'no engineer has approved it'],
    [
      'it was approved for another service',
      VENDOR,
      { ...CONSOLE, name: 'files' },
      5,
      'no engineer has approved it',
    ],
    [
      'it was approved for another vendor',
      { ...VENDOR, id: 'vendor-02' },
      CONSOLE,
      5,
      'no engineer has approved it',
    ],
    ['its time is over', VENDOR, CONSOLE, -1, 'no engineer has approved it'],
  ] as const)('is refused where %s', async (_name, vendor, service, minutes, reason) => {
    networkWith(...controls);
    if (minutes !== 0) network.bastion.approve({ ...approval, vendor, service, forMs: minutes * MINUTE_MS });
    expect(await network.bastion.open(shown(VENDOR), FROM, target())).toEqual({ open: false, reason });
    expect(evidence.at(-1)).toMatchObject({
      event: 'vendor.session-refused',
      control: 'vendor-bastion',
      subject: urnOf(VENDOR),
      cause: reason,
    });
  });

  test('is refused without a certificate that counts, and names nobody then', async () => {
    networkWith(...controls, 'certificate-revocation');
    network.bastion.approve(approval);
    const nothing: Supplicant = { chainDer: [], sign: () => new Uint8Array() };
    expect(await network.bastion.open(nothing, FROM, target())).toMatchObject({ open: false });
    expect(evidence.at(-1)).toMatchObject({ event: 'vendor.session-refused', subject: null });
    const stolen = shown(VENDOR);
    pki.revoke(VENDOR, 'keyCompromise');
    expect(await network.bastion.open(stolen, FROM, target())).toMatchObject({ open: false });
    expect(evidence.at(-1)?.cause).toMatch(/^revoked/);
  });

  test('of a vendor who is put in quarantine ends with its approval', async () => {
    networkWith(...controls, 'network-quarantine');
    network.bastion.approve(approval);
    const session = await network.bastion.open(shown(VENDOR), FROM, target());
    if (!session.open) throw new Error(session.reason);
    const line = dial(session, FROM);
    await line.say('IDENT\n');
    expect(network.quarantine({ identities: [VENDOR], addresses: [] })).toMatchObject({ done: true, cut: 1 });
    await line.closed;
    expect(await network.bastion.open(shown(VENDOR), FROM, target())).toMatchObject({ open: false });
  });

  test('never relays off loopback', async () => {
    networkWith(...controls);
    network.bastion.approve(approval);
    const away = { service: CONSOLE, at: { host: '192.0.2.1', port: 22 } };
    await expect(network.bastion.open(shown(VENDOR), FROM, away)).rejects.toMatchObject({
      code: 'PR_GUARDRAIL',
    });
  });
});

test('without the bastion the VPN ends among the pumps', () => {
  networkWith('zone-segmentation');
  const { zone, address } = network.vendorArrives();
  expect(zone).toBe('medical-devices');
  expect(network.knock(address, CONSOLE).allowed).toBe(true);
  expect(evidence).toMatchObject([{ event: 'vendor.arrived', object: 'medical-devices' }]);
});
