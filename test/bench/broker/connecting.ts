import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { followWall, HeapClock, unsettled } from '../../../clock/index.ts';
import { type Credential, openPki } from '../../../pki/index.ts';
import { CONTROL_IDS, clientIdOf } from '../../../protocol/index.ts';
import { openMqtt, openSocket } from '../../../simulator/transport/index.ts';
import { figure } from '../figure.ts';
import { type ChildBroker, startBroker } from './child-broker.ts';
import { openWire } from './wire-client.ts';

/** Handshakes under way at a time: enough that neither end waits for the other. */
const AT_A_TIME = 16;
const TURNS = 4;

interface Side {
  readonly broker: ChildBroker;
  /** Connects, and returns what ends the connection. */
  readonly connect: (credential: Credential) => Promise<() => void>;
  /** CPU of both ends, in microseconds. */
  usedUs: number;
  wallMs: number;
}

/**
 * Connections with a certificate each, up to CONNACK, secure contexts included: a pump's transport at our broker under `layered`, against
 * `tls.connect` and CONNECT at Aedes alone, where OpenSSL checks both certificates.
 */
export async function connecting(isShort: boolean): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'pumprange-bench-'));
  const clock = new HeapClock(Date.now());
  const stopClock = followWall(clock);
  const closing: (() => Promise<void>)[] = [];
  const count = isShort ? 160 : 1_000;
  try {
    const pki = openPki({ dir: join(dir, 'pki'), clock });
    const controls = new Set(CONTROL_IDS);
    const judge = pki.judge({ revocation: true });
    const begin = async (
      kind: 'ours' | 'bare',
      connect: (port: number) => Side['connect'],
    ): Promise<Side> => {
      const broker = await startBroker(kind, dir);
      closing.push(broker.stop);
      return { broker, connect: connect(broker.port), usedUs: 0, wallMs: 0 };
    };
    const ours = await begin('ours', (port) => async (credential) => {
      const socket = await openSocket({
        clock,
        settling: unsettled,
        endpoint: { host: '127.0.0.1', port, listener: 'tls' },
        credential,
        judge,
        controls,
      });
      const clientId = clientIdOf(credential.identity);
      const link = await openMqtt(
        socket,
        clock,
        { clientId, keepAliveS: 0 },
        { message: () => undefined, closed: () => undefined },
      );
      return link.cut;
    });
    const bare = await begin('bare', (port) => async (credential) => {
      const { socket } = await openWire(port, credential, clientIdOf(credential.identity));
      return () => socket.destroy();
    });
    // Each certificate is new to both ends, and each side gets as many, in turns.
    for (let turn = 0; turn <= TURNS; turn++) {
      for (const side of [ours, bare]) {
        const credentials = Array.from({ length: count / TURNS }, (_, index) => {
          const id = `LVP-${String(turn * count + index).padStart(6, '0')}`;
          return pki.issue({ identity: { kind: 'pump', id } });
        });
        await connectAll(side, credentials);
      }
      if (turn === 0) for (const side of [ours, bare]) Object.assign(side, { usedUs: 0, wallMs: 0 });
    }
    const rate = ({ usedUs }: Side): number => (count * 1e6) / usedUs;
    const wall = ({ wallMs }: Side): string => ((count * 1_000) / wallMs).toFixed(0);
    figure(
      'connecting',
      rate(ours),
      'connects a CPU-s',
      rate(bare),
      `CPU of both ends; by the wall ${wall(ours)}/s, bare ${wall(bare)}/s; ratio: of bare TLS and Aedes`,
    );
  } finally {
    for (const close of closing) await close();
    stopClock();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function connectAll(side: Side, credentials: readonly Credential[]): Promise<void> {
  const cuts: (() => void)[] = [];
  const queue = [...credentials];
  const worker = async (): Promise<void> => {
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) cuts.push(await side.connect(next));
  };
  const cpuUs = async (): Promise<number> => {
    const { user, system } = process.cpuUsage();
    return user + system + (await side.broker.usage()).cpuUs;
  };
  const before = await cpuUs();
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  side.wallMs += performance.now() - startedAt;
  side.usedUs += (await cpuUs()) - before;
  for (const cut of cuts) cut();
  await new Promise((resolve) => setTimeout(resolve, 200));
}
