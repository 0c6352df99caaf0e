import { expect, test } from 'vitest';
import { pumprange, start, tempFolder } from '../helpers/command.ts';

interface Row {
  readonly serial: string;
  readonly model: string;
  readonly careArea: string;
  readonly link: string;
}

test('three shards on one broker are exactly the fleet, and each pump is there once', async () => {
  const dir = tempFolder();
  const broker = start(['serve', 'broker', '--port', '0', '--dir', dir]);
  const port = /"port":(\d+)/.exec(await broker.until(/"method":"ready"[^\n]*\n/))?.[1] ?? '0';
  const fleet = async (...shard: string[]): Promise<Row[]> => {
    const args = ['fleet', ...shard, '--pumps', '7', '--port', port, '--dir', dir, '--for', '6s', '--json'];
    const { code, stdout, stderr } = await pumprange(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout).pumps;
  };
  const shards = ['1/3', '2/3', '3/3'].map((shard) => fleet('--shard', shard));
  const connected = async (): Promise<string[]> => {
    const id = Math.floor(Math.random() * 1e9);
    broker.input(`{"jsonrpc":"2.0","id":${id},"method":"connected"}\n`);
    const printed = await broker.until(new RegExp(`"id":${id},[^\\n]*\\n`));
    return JSON.parse(printed.split('\n').find((line) => line.includes(`"id":${id},`)) ?? '{}').result;
  };
  await expect.poll(async () => new Set(await connected()).size, { timeout: 30_000 }).toBe(7);
  expect(await connected()).toHaveLength(7);
  const spread = (await Promise.all(shards)).flat();
  expect(spread.map(({ link }) => link)).toEqual(Array.from({ length: 7 }, () => 'online'));
  expect(spread).toEqual(await fleet());
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
