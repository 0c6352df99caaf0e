import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';
import { Prober, type ProberOptions } from '../../../network/probe/prober.ts';

const HOUSE = resolve(import.meta.dirname, '../../..');
const LOADER = pathToFileURL(resolve(HOUSE, 'tools/ts-loader.mjs')).href;

/** The prober out of the source, as a command line. */
export const PROBER: [string, ...string[]] = [
  process.execPath,
  '--import',
  LOADER,
  resolve(HOUSE, 'network/probe/prober-child.ts'),
];

/** The prober out of the source, in no namespace. */
export async function openProber(options: Partial<ProberOptions> = {}): Promise<Prober> {
  const prober = await Prober.open({ zone: 'here', program: PROBER, ...options });
  onTestFinished(() => prober.stop());
  return prober;
}
