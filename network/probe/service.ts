import { connect } from 'node:net';
import type { ServiceAnswer } from './answer.ts';
import { since } from './reach.ts';
import type { ServiceProbe } from './request.ts';

/** A service greets within milliseconds. */
const ANSWERS_MS = 1_500;
/** It talks to four at a time and turns the rest away, who come back. */
const TRIES = 4;
const BETWEEN_TRIES_MS = 60;
const MOST_BYTES = 512;
/** Every service of a pump knows it, and nothing comes of it. */
const FAREWELL = 'BYE\n';

/** Whether a pump's service greets and answers. */
export async function probeService(probe: ServiceProbe): Promise<ServiceAnswer> {
  const begun = performance.now();
  for (let attempt = 1; ; attempt++) {
    const { heard, ended } = await converse(probe);
    const ms = since(begun);
    if (heard !== '') return { outcome: 'reached', detail: heard, ms };
    if (ended !== 'turned away' || attempt === TRIES) return { outcome: 'not reached', detail: ended, ms };
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_TRIES_MS * attempt));
  }
}

/** @returns the lines that it said, and how it ended */
function converse({
  from,
  to,
  port,
}: ServiceProbe): Promise<{ readonly heard: string; readonly ended: string }> {
  return new Promise((resolve) => {
    let heard = '';
    let isConnected = false;
    const socket = connect({ host: to, port, ...(from !== undefined && { localAddress: from }) });
    const done = (ended: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ heard: heard.trim().replace(/\s*\n\s*/g, ' | '), ended });
    };
    const timer = setTimeout(() => done(isConnected ? 'silence' : 'no connection'), ANSWERS_MS);
    socket.once('connect', () => {
      isConnected = true;
      socket.write(FAREWELL);
    });
    socket.on('data', (bytes: Buffer) => {
      heard = (heard + bytes.toString('latin1')).slice(0, MOST_BYTES);
      // A greeting, and an answer to us.
      if (heard.split('\n').length > 2) done('answered');
    });
    socket.on('error', (error) => done('code' in error ? String(error.code) : error.message));
    socket.once('close', () => done('turned away'));
  });
}
