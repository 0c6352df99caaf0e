import { describe, expect, test } from 'vitest';
import { type Running, start, tempFolder } from '../helpers/command.ts';

let requests = 0;
async function ask(component: Running, method: string, params?: unknown): Promise<unknown> {
  requests += 1;
  const id = requests;
  component.input(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
  const printed = await component.until(new RegExp(`"id":${id},[^\\n]*\\n`));
  const line = printed.split('\n').find((one) => one.includes(`"id":${id},`));
  return JSON.parse(line ?? '{}').result ?? JSON.parse(line ?? '{}').error;
}

describe('components as processes of their own', () => {
  test('broker, pump server and pumps find each other, and stop when told', async () => {
    const dir = tempFolder();
    const broker = start(['serve', 'broker', '--port', '0', '--dir', dir]);
    const port = /"port":(\d+)/.exec(await broker.until(/"method":"ready"/))?.[1] ?? '0';
    const server = start(['serve', 'pump-server', '--port', port, '--dir', dir]);
    const pumps = start(['serve', 'pumps', '--pumps', '3', '--port', port, '--dir', dir]);
    await Promise.all([server.until(/"method":"ready"/), pumps.until(/"method":"ready"/)]);
    await expect
      .poll(async () => ask(broker, 'connected'), { timeout: 30_000 })
      .toEqual(
        expect.arrayContaining(['urn:pumprange:pump-server:server-01', 'urn:pumprange:pump:PCA-0001']),
      );
    await expect
      .poll(async () => ((await ask(server, 'inventory')) as unknown[]).length, { timeout: 30_000 })
      .toBe(3);
    expect(await ask(pumps, 'reading', { serial: 'LVP-0001' })).toMatchObject({
      firmware: { running: '1.2.0' },
    });
    expect(await ask(pumps, 'reading', { serial: 'LVP-9999' })).toMatchObject({ code: -32_603 });
    expect(await ask(broker, 'no-such-method')).toMatchObject({ code: -32_601 });
    for (const component of [pumps, server, broker]) {
      component.input('{"jsonrpc":"2.0","id":0,"method":"stop"}\n');
      expect(await component.ended).toMatchObject({ code: 0, stderr: '' });
    }
  });
});
