import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Impairment } from './impair.ts';
import { stateFolder } from './state.ts';

const zone = z.string();
const schema = z.array(
  z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('partition'), zone, other: zone.exactOptional() }),
    z.strictObject({ kind: z.literal('loss'), zone, other: zone.exactOptional(), percent: z.number() }),
    z.strictObject({ kind: z.literal('delay'), zone, ms: z.number() }),
  ]),
);

/** What somebody has made wrong with the network of a lab, in any process. */
export function readImpairments(lab: string): readonly Impairment[] {
  try {
    return schema.parse(JSON.parse(readFileSync(fileOf(lab), 'utf8')));
  } catch {
    return [];
  }
}

export function writeImpairments(lab: string, impairments: readonly Impairment[]): void {
  const file = fileOf(lab);
  writeFileSync(`${file}.new`, JSON.stringify(impairments), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

function fileOf(lab: string): string {
  return join(stateFolder(lab), 'impairments.json');
}
