import { connect, isIPv6, type Socket } from 'node:net';
import type { SessionAnswer } from './answer.ts';
import { since } from './reach.ts';
import type { SessionProbe } from './request.ts';

/** Something that every server answers, be it by hanging up: no server here takes it for a request. */
const ANYTHING = 'PUMPRANGE PROBE, TRAINING\r\n\r\n';
/** How long an answer may take, retransmission of the first packet included. Real time. */
const PATIENCE_MS = 1_500;

/** Sessions that are held open, by name. */
const held = new Map<string, Socket>();

/**
 * Opens a session and holds it, or asks in one that is held whether anything gets through still. `silent`: what was sent is answered by
 * nobody, not even by an end, as with a firewall that has forgotten the session or does not let it through any more.
 */
export async function probeSession(probe: SessionProbe): Promise<SessionAnswer> {
  const begun = performance.now();
  const outcome = probe.step === 'open' ? await open(probe) : await ask(probe.name);
  return { outcome, ms: since(begun) };
}

function open({ name, from, to, port }: SessionProbe): Promise<SessionAnswer['outcome']> {
  return new Promise((resolve) => {
    const socket = connect({
      ...{ host: to, port, family: isIPv6(to) ? 6 : 4, autoSelectFamily: false },
      ...(from !== undefined && { localAddress: from }),
    });
    const timer = setTimeout(() => end('ended'), PATIENCE_MS);
    const end = (outcome: SessionAnswer['outcome']): void => {
      clearTimeout(timer);
      if (outcome === 'ended') socket.destroy();
      resolve(outcome);
    };
    socket.once('connect', () => {
      held.set(name, socket);
      // What a server says by itself is no answer.
      socket.resume();
      end('open');
    });
    socket.on('error', () => end('ended'));
  });
}

function ask(name: string): Promise<SessionAnswer['outcome']> {
  const socket = held.get(name);
  held.delete(name);
  // The server may have hung up meanwhile.
  if (socket === undefined || socket.destroyed || socket.readableEnded) return Promise.resolve('ended');
  return new Promise((resolve) => {
    const end = (outcome: SessionAnswer['outcome']): void => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on('error', () => undefined);
      socket.destroy();
      resolve(outcome);
    };
    const timer = setTimeout(() => end('silent'), PATIENCE_MS);
    socket.once('data', () => end('answered'));
    // Its end, or a reset, came through the network as well.
    socket.once('close', () => end('answered'));
    socket.write(ANYTHING);
  });
}
