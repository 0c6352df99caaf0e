import { describe, expect, it } from 'vitest';
import { runCheck } from '../../tools/check.ts';

async function outcome(script: string): Promise<{ readonly holds: boolean; readonly printed: string[] }> {
  const printed: string[] = [];
  const check = {
    name: 'a check',
    command: [process.execPath, '-e', script] as const,
    said: (output: string) => output.trim(),
  };
  return { holds: await runCheck(check, (text) => printed.push(text)), printed };
}

describe('a check', () => {
  it('that holds takes one line', async () => {
    expect(await outcome('console.log("7 files")')).toEqual({
      holds: true,
      printed: ['ok   a check: 7 files'],
    });
  });

  it('that does not hold shows all that was said, on both channels', async () => {
    const { holds, printed } = await outcome(
      'console.log("out"); console.error("err"); process.exitCode = 1',
    );
    expect(holds).toBe(false);
    expect(printed[0]).toBe('FAIL a check');
    expect(printed[1]?.split('\n').sort()).toEqual(['err', 'out']);
  });

  it('whose program is not there does not hold', async () => {
    const printed: string[] = [];
    const check = { name: 'none', command: ['/nonexistent/program'] as const };
    expect(await runCheck(check, (text) => printed.push(text))).toBe(false);
    expect(printed).toEqual(['FAIL none', expect.stringContaining('ENOENT')]);
  });
});
