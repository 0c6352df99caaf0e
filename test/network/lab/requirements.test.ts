import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openLab } from '../../../network/lab/index.ts';
import { demand, lackingCapabilities } from '../../../network/lab/requirements.ts';
import { findTools, runTool, ToolError } from '../../../network/lab/tools.ts';
import { tempFolder } from '../../helpers/command.ts';
import { canHaveLab, openOptions, TOOL_FOLDERS } from '../../helpers/lab.ts';

const ALL = (1n << 12n) | (1n << 21n);

test('both capabilities are needed, and the missing one is named', () => {
  expect(lackingCapabilities({ capabilities: ALL })).toEqual([]);
  expect(lackingCapabilities({ capabilities: 1n << 12n })).toEqual(['CAP_SYS_ADMIN']);
  expect(() => demand({ capabilities: 1n << 21n, ipv6: true }, true)).toThrow(
    expect.objectContaining({
      code: 'PR_LAB_PRIVILEGE',
      message: expect.stringMatching(/lacks CAP_NET_ADMIN$/),
    }),
  );
});

test('a plan with IPv6 on a machine without is refused, and without it is not', () => {
  const rights = { capabilities: ALL, ipv6: false };
  expect(() => demand(rights, true)).toThrow(
    expect.objectContaining({
      code: 'PR_LAB_NO_IPV6',
      exitCode: 3,
      wayOut: expect.stringContaining('--ipv4-only'),
    }),
  );
  expect(() => demand(rights, false)).not.toThrow();
});

test('programs are found in a search path, and in the sbin beside each bin of it', () => {
  const folder = tempFolder();
  for (const name of ['bin/ip', 'sbin/nft', 'sbin/tc']) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), '');
    chmodSync(join(folder, name), 0o755);
  }
  expect(findTools([join(folder, 'bin')])).toEqual({
    ip: join(folder, 'bin/ip'),
    nft: join(folder, 'sbin/nft'),
    tc: join(folder, 'sbin/tc'),
  });
  chmodSync(join(folder, 'sbin/nft'), 0o644);
  expect(() => findTools([join(folder, 'bin')])).toThrow(
    expect.objectContaining({
      code: 'PR_LAB_TOOL',
      message: expect.stringMatching(/no program nft \(package nftables\)/),
    }),
  );
  expect(() => findTools([])).toThrow(expect.objectContaining({ code: 'PR_LAB_TOOL', exitCode: 3 }));
});

test('what a program says when it fails is told, and a missing one too', async () => {
  await expect(
    runTool(process.execPath, ['-e', 'console.error("so"); process.exit(3)']),
  ).rejects.toMatchObject({ said: 'so' });
  await expect(runTool('/nowhere/ip', [])).rejects.toBeInstanceOf(ToolError);
  expect(await runTool(process.execPath, ['-e', 'process.stdin.pipe(process.stdout)'], 'in')).toBe('in');
});

describe.skipIf(!canHaveLab())('a kernel that lacks something', () => {
  /** Tools of which one says what that of a poorer kernel does. */
  function poorer(name: string, script: string): readonly string[] {
    const folder = join(tempFolder(), 'bin');
    mkdirSync(folder);
    const real = findTools(TOOL_FOLDERS);
    writeFileSync(join(folder, name), `#!/bin/sh\n${script.replaceAll('REAL_IP', real.ip)}`);
    chmodSync(join(folder, name), 0o755);
    return [folder, ...TOOL_FOLDERS];
  }

  test.each([
    [
      'ip',
      'case "$*" in "-n pr-ka-router -batch -") echo "Error: Unknown device type." >&2; echo "Command failed -:2" >&2; exit 1;; esac\nexec REAL_IP "$@"\n',
      /lacks the module bridge: link add name pr-core type bridge.*Unknown device type/s,
    ],
    [
      'ip',
      'case "$*" in "-batch -") echo "Failed to create a new network namespace: Operation not permitted" >&2; echo "Command failed -:1" >&2; exit 1;; esac\nexec REAL_IP "$@"\n',
      /lacks network namespaces/,
    ],
    [
      'nft',
      'echo "netlink: Error: cache initialization failed: Operation not supported" >&2; exit 1\n',
      /nf_tables/,
    ],
  ])('is told which module, where %s meets it, and nothing is left', async (name, script, said) => {
    const toolFolders = poorer(name, script);
    await expect(openLab(openOptions('ka', { toolFolders }))).rejects.toMatchObject({
      ...{ code: 'PR_LAB_KERNEL', exitCode: 3 },
      message: expect.stringMatching(said),
    });
    const lab = await openLab(openOptions('ka'));
    await lab.close();
  });
});
