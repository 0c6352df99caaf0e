import type { Problem } from './diagnostics/problem.ts';
import { fieldOf, listOf, textOf } from './diagnostics/raw.ts';

/** Shipped firmware versions of each model. */
export type FirmwareVersions = Readonly<Record<string, readonly string[]>>;

/** Pumps of a fleet that run what there is not for their model. */
export function firmwareProblems(data: unknown, versions: FirmwareVersions | undefined): Problem[] {
  if (versions === undefined) return [];
  return listOf(fieldOf(data, 'fleet')).flatMap((entry, index): Problem[] => {
    const model = textOf(fieldOf(entry, 'model')) ?? '';
    const firmware = textOf(fieldOf(entry, 'firmware'));
    const known = Object.hasOwn(versions, model) ? versions[model] : undefined;
    // What is no version, and no model, has been told already.
    if (known === undefined || firmware === undefined || !/^\d+\.\d+\.\d+$/.test(firmware)) return [];
    if (known.includes(firmware)) return [];
    return [
      {
        path: ['fleet', index, 'firmware'],
        at: 'value',
        message: `there is no firmware ${firmware} for ${model}`,
        hint: `there are ${known.join(', ')}`,
      },
    ];
  });
}
