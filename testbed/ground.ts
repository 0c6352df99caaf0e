import { join } from 'node:path';
import { followWall, HeapClock, seededRandom } from '../clock/index.ts';
import { openPki } from '../pki/index.ts';
import type { Posture } from '../protocol/index.ts';
import { createEvidenceLog, memoryLines } from '../supervision/index.ts';
import { HOST } from './testbed.ts';

export interface GroundOptions {
  readonly posture: Posture;
  /** Folder with the PKI. Each component of one floor names the same. */
  readonly dir: string;
  /** Of the broker. */
  readonly port: number;
  readonly seed: number;
}

/** What every component stands on: the wall's time, the PKI of the folder, the posture, and where the broker is. */
export function ground(options: GroundOptions) {
  const { dir, posture, port } = options;
  const clock = new HeapClock(Date.now());
  const stopClock = followWall(clock);
  const pki = openPki({ dir: join(dir, 'pki'), clock });
  const { controls } = posture;
  const listener = controls.has('mutual-tls') ? ('tls' as const) : ('plaintext' as const);
  return {
    clock,
    stopClock,
    pki,
    posture,
    controls,
    judge: pki.judge({ revocation: controls.has('certificate-revocation') }),
    evidence: createEvidenceLog({ clock, controls, stores: [memoryLines()], keepEvents: 1_000 }).record,
    random: seededRandom(options.seed),
    endpoint: () => ({ host: HOST, port, listener }),
  };
}
