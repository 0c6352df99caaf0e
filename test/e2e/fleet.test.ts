import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pumprange, start, tempFolder } from '../helpers/command.ts';
import { onEachBroker } from '../helpers/each-broker.ts';

interface Row {
  readonly serial: string;
  readonly model: string;
  readonly careArea: string;
  readonly link: string;
}

onEachBroker('a fleet in shards', (name) => {
  test('is exactly the fleet, and each pump is there once', async () => {
    const dir = tempFolder();
    const broker = start(['serve', 'broker', '--broker', name, '--port', '0', '--dir', dir]);
    const port = /"port":(\d+)/.exec(await broker.until(/"method":"ready"[^\n]*\n/))?.[1] ?? '0';
    const fleet = async (...shard: string[]): Promise<Row[]> => {
      const args = [
        'fleet',
        ...shard,
        '--pumps',
        '7',
        '--port',
        port,
        '--dir',
        dir,
        '--for',
        '12s',
        '--json',
      ];
      const { code, stdout, stderr } = await pumprange(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return JSON.parse(stdout).pumps;
    };
    const shards = ['1/3', '2/3', '3/3'].map((shard) => fleet('--shard', shard));
    let requests = 0;
    const sessions = async (): Promise<number> => {
      requests += 1;
      broker.input(`{"jsonrpc":"2.0","id":${requests},"method":"status"}\n`);
      const printed = await broker.until(new RegExp(`"id":${requests},[^\\n]*\\n`));
      const line = printed.split('\n').find((one) => one.includes(`"id":${requests},`));
      return JSON.parse(line ?? '{}').result.clients;
    };
    await expect.poll(sessions, { timeout: 30_000 }).toBe(7);
    const spread = (await Promise.all(shards)).flat();
    expect(spread.map(({ link }) => link)).toEqual(Array.from({ length: 7 }, () => 'online'));
    expect(spread).toEqual(await fleet());
    const opened = readFileSync(join(dir, 'evidence.jsonl'), 'utf8').match(
      /"event":"session.opened"[^\n]*urn:pumprange:pump:[A-Z0-9-]+/g,
    );
    // Nobody threw out another: seven sessions of the shards, and seven of the whole fleet.
    expect(opened).toHaveLength(14);
  });

  test('runs from a copy of the PKI too, as on another host behind a tunnel', async () => {
    const dir = tempFolder();
    const copy = tempFolder();
    const broker = start(['serve', 'broker', '--broker', name, '--port', '0', '--dir', dir]);
    const port = /"port":(\d+)/.exec(await broker.until(/"method":"ready"[^\n]*\n/))?.[1] ?? '0';
    cpSync(join(dir, 'pki'), join(copy, 'pki'), { recursive: true });
    const shard = (which: string, folder: string) =>
      pumprange([
        ...['fleet', '--shard', which, '--pumps', '4', '--port', port, '--dir', folder],
        ...['--for', '10s', '--json'],
      ]);
    const both = await Promise.all([shard('1/2', dir), shard('2/2', copy)]);
    const rows = both.flatMap(({ stdout }): Row[] => JSON.parse(stdout).pumps);
    expect(rows.map(({ link }) => link)).toEqual(Array(4).fill('online'));
    expect(new Set(rows.map(({ serial }) => serial)).size).toBe(4);
  });
});

test('a shard says what it is, and stops when told; what is no shard is refused', async () => {
  const child = start(['fleet', '--shard', '2/2', '--pumps', '5', '--port', '1', '--dir', tempFolder()]);
  await child.until(/^shard 2\/2: 3 of 5 pumps, PCA-0001 to SYR-0002; Ctrl-C stops them$/m);
  child.process.kill('SIGTERM');
  expect(await child.ended).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringContaining('0 were online'),
  });
  const wrong = await pumprange(['fleet', '--shard', '4/3', '--dir', tempFolder()]);
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringMatching(/^PR_USAGE: "4\/3" is no shard/) });
});
