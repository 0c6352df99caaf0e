import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';
import { Prober, type ProberOptions } from '../../../network/probe/prober.ts';

const HOUSE = resolve(import.meta.dirname, '../../..');
const LOADER = pathToFileURL(resolve(HOUSE, 'tools/ts-loader.mjs')).href;

/** The prober out of the source, in no namespace. */
export async function openProber(options: Partial<ProberOptions> = {}): Promise<Prober> {
  const child = resolve(HOUSE, 'network/probe/prober-child.ts');
  const program = [process.execPath, '--import', LOADER, child];
  const prober = await Prober.open({ zone: 'here', program, ...options });
  onTestFinished(() => prober.stop());
  return prober;
}
