import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Prober } from '../../../network/probe/prober.ts';
import { freePort } from '../../helpers/free-port.ts';
import { openProber } from './open-prober.ts';

/** A program that does what a text of JavaScript says, in the place of the prober. */
const program = (script: string): [string, ...string[]] => [process.execPath, '-e', script];
const READY = `console.log('{"ready":true}'); process.stdin.resume();`;

describe('the prober of a zone', () => {
  it('carries out many probes at a time and tells the answers apart', async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const open = (server.address() as AddressInfo).port;
    const closed = await freePort();
    const prober = await openProber();
    const ports = Array.from({ length: 600 }, (_, index) => (index % 3 === 0 ? open : closed));
    const answers = await Promise.all(
      ports.map((port) => prober.ask({ kind: 'tcp', to: '127.0.0.1', port })),
    );
    expect(answers.map(({ outcome }) => outcome)).toEqual(
      ports.map((port) => (port === open ? 'open' : 'refused')),
    );
  });

  it('reaches nothing but loopback where it stands in no namespace', async () => {
    const prober = await openProber();
    expect(() => prober.ask({ kind: 'tcp', to: '192.0.2.1', port: 80 })).toThrow(
      '192.0.2.1 may not be contacted',
    );
  });

  it('names its zone when a probe cannot leave', async () => {
    const prober = await openProber({ zone: 'guest' });
    const lost = prober.ask({ kind: 'tcp', from: '10.18.99.7', to: '127.0.0.1', port: 9 });
    await expect(lost).rejects.toMatchObject({
      code: 'PR_PROBER_FAILED',
      message: expect.stringContaining('zone "guest": its prober could not probe: bind EADDRNOTAVAIL'),
    });
  });

  it.each([
    [
      'dies',
      `${READY} process.stdin.once('data', () => { console.error('out of luck'); process.exit(7); });`,
      'ended with 7: out of luck',
    ],
    ['hangs', READY, 'said nothing for 400 ms with 1 probes to answer'],
    ['babbles', `${READY} process.stdin.once('data', () => console.log('what?'));`, 'said "what?"'],
  ])('tells who it was when it %s', async (_, script, said) => {
    const prober = await openProber({ zone: 'database', program: program(script), patienceMs: 400 });
    const lost = prober.ask({ kind: 'tcp', to: '127.0.0.1', port: 9 });
    await expect(lost).rejects.toMatchObject({ code: 'PR_PROBER_FAILED' });
    await expect(lost).rejects.toThrow(`zone "database": its prober ${said}`);
    await expect(prober.ask({ kind: 'tcp', to: '127.0.0.1', port: 9 })).rejects.toThrow('its prober');
  });

  it('is told of when it cannot be started', async () => {
    await expect(Prober.open({ zone: 'core', program: ['/nowhere/node'] })).rejects.toMatchObject({
      code: 'PR_PROBER_FAILED',
    });
    await expect(Prober.open({ zone: 'core', program: program('process.exit(3)') })).rejects.toThrow(
      'zone "core": its prober ended with 3',
    );
  });

  it('ends when it is stopped, and when whoever asks is gone', async () => {
    const prober = await openProber();
    const begun = performance.now();
    await prober.stop();
    expect(performance.now() - begun).toBeLessThan(1_900);
  });
});
