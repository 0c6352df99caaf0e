import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { BrokerName } from '../../scenarios/index.ts';
import { BIN, follow, pumprange, type Running, start, tempFolder } from '../helpers/command.ts';
import { onEachBroker } from '../helpers/each-broker.ts';
import { hasTool } from '../helpers/require-tool.ts';

/** A ward of three pumps that stops by itself should the test not do it. */
async function liveWard(
  broker: BrokerName = 'embedded',
  dir = tempFolder(),
): Promise<{ readonly dir: string; readonly ward: Running }> {
  const ward = start(['up', '--broker', broker, '--pumps', '3', '--port', '0', '--dir', dir, '--for', '2m']);
  await ward.until(/Ctrl-C stops everything/);
  return { dir, ward };
}

/** Sits down without a terminal, types these lines, and is gone with the last. */
async function sit(dir: string, serial: string, lines: readonly string[]) {
  const seat = start(['bedside', serial, '--dir', dir]);
  seat.input(lines.map((line) => `${line}\n`).join(''));
  seat.process.stdin?.end();
  return seat.ended;
}

onEachBroker('somebody at a pump of a live ward', (broker) => {
  test('programmes, is refused beyond a hard limit, starts, and sees the alarm', async () => {
    const { dir, ward } = await liveWard(broker);
    const { code, stdout, stderr } = await sit(dir, 'lvp-0001', [
      'stop A',
      'programme A propofol rate 300 volume 50 weight 70',
      'pasue A',
      'programme A propofol rate 10 volume 50 weight 70',
      'confirm A',
      'start A',
      'door A open',
      'silence',
    ]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const shownAfter = (line: string) => stdout.split(`nurse> ${line}\n`)[1]?.split('nurse> ')[0] ?? '';
    expect(shownAfter('programme A propofol rate 300 volume 50 weight 70')).toMatch(
      /^.*\n?refused: .*\[dose-limits\]/m,
    );
    expect(shownAfter('pasue A')).toContain('not understood: not known: pasue (did you mean pause?)');
    expect(shownAfter('programme A propofol rate 10 volume 50 weight 70')).toMatch(
      /CONFIRM\? +propofol +10 mL\/h/,
    );
    expect(shownAfter('start A')).toMatch(
      /infusion-started[\s\S]*accepted[\s\S]*INFUSING +propofol +10 mL\/h/,
    );
    expect(shownAfter('door A open')).toContain('A alarm DOOR OPEN raised (high priority)');
    expect(shownAfter('door A open')).toMatch(/!!! A: DOOR OPEN +\(high priority\)/);
    expect(shownAfter('silence')).toContain('silenced for');
    for (const line of stdout.split('\n')) expect([...line].length).toBeLessThanOrEqual(120);

    // The ward tells the same, and goes on.
    expect(await ward.until(/LVP-0001 A door-open raised \(high\)/)).toContain('infusion-started');
    expect(ward.process.exitCode).toBeNull();
  });

  test('sees what runs while a second bag does, and reads the code on the label', async () => {
    const { dir } = await liveWard(broker);
    const { code, stdout, stderr } = await sit(dir, 'LVP-0001', [
      'stop A',
      'programme A propofol rate 10 volume 50 weight 70',
      'confirm A override',
      'start A',
      'syringe A 50 48',
      'second-bag A 50',
      'secondary A - rate 30 volume 50 override',
      'start-secondary A',
      '?',
      'lock',
      'quit',
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const shownAfter = (line: string) => stdout.split(`nurse> ${line}\n`)[1]?.split('nurse> ')[0] ?? '';
    expect(shownAfter('syringe A 50 48')).toContain('refused: a Large-volume pump takes no syringe');
    expect(shownAfter('second-bag A 50')).toContain('done');
    expect(shownAfter('start-secondary A')).toMatch(/A SECONDARY +NO DRUG NAMED +30 mL\/h/);
    expect(shownAfter('start-secondary A')).toContain('LIBRARY NOT IN USE');
    const label = /for a nurse: (\d{4})/.exec(shownAfter('?'))?.[1] ?? 'none';
    const again = await sit(dir, 'LVP-0001', [`unlock ${label}`]);
    expect(again.stdout).toContain('KEYPAD LOCKED');
    expect(again.stdout).toContain('accepted');
  });

  test('comes back to a ward that was killed and started again', async () => {
    const { dir, ward } = await liveWard(broker);
    ward.process.kill('SIGKILL');
    await ward.ended;
    expect(existsSync(join(dir, 'control.sock'))).toBe(true);
    expect(await sit(dir, 'LVP-0001', [])).toMatchObject({ code: 2 });
    await liveWard(broker, dir);
    expect(await sit(dir, 'LVP-0001', ['show'])).toMatchObject({ code: 0, stderr: '' });
  });
});

/** The socket and the screen, which no broker has to do with. */
describe('a keypad', () => {
  test('is alone there, and gives the pump back by leaving or by dying', async () => {
    const { dir } = await liveWard();
    const first = start(['bedside', 'SYR-0001', '--dir', dir]);
    await first.until(/TRAINING/);
    const second = await sit(dir, 'SYR-0001', []);
    expect(second).toMatchObject({ code: 2, stderr: expect.stringMatching(/^PR_BEDSIDE_TAKEN/) });
    expect(await sit(dir, 'PCA-0001', ['show'])).toMatchObject({ code: 0, stderr: '' });
    first.process.kill('SIGKILL');
    await first.ended;
    await expect.poll(async () => (await sit(dir, 'SYR-0001', ['quit'])).code, { timeout: 30_000 }).toBe(0);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('leaves cleanly on %s', async (signal) => {
    const { dir } = await liveWard();
    const seat = start(['bedside', 'LVP-0001', '--dir', dir]);
    await seat.until(/TRAINING/);
    seat.input('wait 500\n');
    await seat.until(/wait 500/);
    seat.process.kill(signal);
    expect(await seat.ended).toMatchObject({ code: 0, stderr: '' });
  });

  test('learns that there is no such pump, no ward, or none any more', async () => {
    const { dir, ward } = await liveWard();
    expect(await sit(dir, 'LVP-9999', [])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^PR_PUMP_UNKNOWN: .*LVP-0001/),
    });
    expect(await sit(tempFolder(), 'LVP-0001', [])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^PR_WARD_NOT_RUNNING/),
    });
    expect(await pumprange(['bedside'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^PR_USAGE/),
    });
    const seat = start(['bedside', 'LVP-0001', '--dir', dir]);
    await seat.until(/TRAINING/);
    expect(statSync(join(dir, 'control.sock')).mode & 0o777).toBe(0o600);
    ward.process.kill('SIGTERM');
    expect(await seat.ended).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^PR_WARD_NOT_RUNNING/),
    });
    expect(await ward.ended).toMatchObject({ code: 0, stderr: '' });
    expect(existsSync(join(dir, 'control.sock'))).toBe(false);
  });

  test('is not disturbed, nor is the ward, by whoever floods the socket with rubbish', async () => {
    const { dir, ward } = await liveWard();
    const socket = createConnection(join(dir, 'control.sock'));
    socket.on('error', () => undefined);
    socket.resume();
    socket.write(Buffer.alloc(500_000, 0x7b));
    socket.write('\n'.repeat(1_000));
    for (let line = 0; line < 10_000; line++)
      socket.write(`{"jsonrpc":"2.0","id":${line},"method":"pumps"}\n`);
    expect(await sit(dir, 'LVP-0001', ['show'])).toMatchObject({ code: 0, stderr: '' });
    socket.destroy();
    ward.process.kill('SIGINT');
    expect(await ward.ended).toMatchObject({ code: 0, stderr: '' });
  });

  test.skipIf(!hasTool('tmux'))(
    'has a display that is redrawn, in 80 columns, and ends with Ctrl-C',
    async () => {
      const { dir } = await liveWard();
      const socket = join(tempFolder(), 'tmux');
      const tmux = (...args: string[]) => follow(spawn('tmux', ['-S', socket, ...args])).ended;
      await tmux('new-session', '-d', '-x', '80', '-y', '24', 'bash --norc');
      const screen = async () => (await tmux('capture-pane', '-p')).stdout;
      await tmux(
        'send-keys',
        `${process.execPath} ${BIN} bedside PCA-0001 --dir ${dir}; echo ended with $?.`,
        'Enter',
      );
      try {
        await expect.poll(screen, { timeout: 60_000 }).toMatch(/nurse> _/);
        await tmux('send-keys', 'door open', 'Enter');
        await expect.poll(screen, { timeout: 20_000 }).toContain('!!! A: DOOR OPEN');
        await tmux('send-keys', '!');
        await expect.poll(screen, { timeout: 20_000 }).toContain('silenced for');
        expect((await screen()).split('\n').filter((line) => line.startsWith('┌─ PCA-0001'))).toHaveLength(1);
        await tmux('send-keys', 'C-c');
        await expect.poll(screen, { timeout: 20_000 }).toMatch(/ended with 0\./);
        expect(await screen()).toContain('the pump is left to the nurse of the ward');
      } finally {
        await tmux('kill-server');
      }
    },
  );
});
