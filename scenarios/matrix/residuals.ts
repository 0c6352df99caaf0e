import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { LAYERS, type Layer, PumprangeError } from '../../protocol/index.ts';
import { HARM_FIGURES, type HarmFigures } from '../engine/attack-outcome.ts';
import { FIRMWARE_STATES, type FirmwareState, harmLimitSchema } from '../format/attack.ts';
import { byPosition, problemLine } from '../format/diagnostics/problem.ts';
import { parseYaml } from '../format/diagnostics/yaml-source.ts';
import { idSchema } from '../format/values.ts';

const residualSchema = z.strictObject({
  attack: idSchema.describe('Id of the scenario.'),
  firmware: z.enum(FIRMWARE_STATES).optional().describe('On which firmware; absent: on each.'),
  domains: z
    .union([z.literal('all'), z.array(z.enum(LAYERS)).min(1)])
    .describe(
      'Failure domains with whose loss it is neither bounded nor ended in time; all: nothing that is there stops it.',
    ),
  reason: z.string().min(1).describe('Why nothing else stands there.'),
  bound: z.string().min(1).describe('What limits the harm all the same, with its figures.'),
  upTo: harmLimitSchema.describe(
    'Those figures: a run that does more harm is one that nobody has looked at.',
  ),
  mends: z.string().min(1).describe('What would mend it.'),
});
export type Residual = z.infer<typeof residualSchema>;

export const residualFileSchema = z
  .strictObject({ $schema: z.string().optional(), residuals: z.array(residualSchema) })
  .describe('What is left of attacks when one failure domain is lost, looked at by a person.');

/** @throws PumprangeError `PR_RESIDUAL_INVALID` with file, line and column; `PR_FILE_UNREADABLE` */
export function loadResiduals(file: string): readonly Residual[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new PumprangeError('PR_FILE_UNREADABLE', `${file} cannot be read`, { cause });
  }
  const parsed = parseYaml(text);
  if ('faults' in parsed) throw invalid(parsed.faults.map((fault) => ({ file, ...fault })));
  const { data, positionOf } = parsed.source;
  const result = residualFileSchema.safeParse(data);
  if (result.success) return result.data.residuals;
  throw invalid(
    result.error.issues.map(({ path, message }) => ({
      file,
      ...positionOf(
        path.map((part) => (typeof part === 'symbol' ? String(part) : part)),
        'value',
      ),
      message: `${path.map(String).join('.')}: ${message}`,
    })),
  );
}

export interface Found {
  readonly attack: string;
  readonly firmware: FirmwareState | null;
  readonly domain: Layer;
  readonly harm: HarmFigures;
}

/** Whether somebody has looked at this one, as bad as it is. */
export function isReviewed(residuals: readonly Residual[], found: Found): boolean {
  return residuals.some(
    (one) => covers(one, found) && HARM_FIGURES.every((figure) => found.harm[figure] <= one.upTo[figure]),
  );
}

/** Entries of the file that nothing found any more: somebody mended it, and the file is to say so. */
export function staleResiduals(residuals: readonly Residual[], found: readonly Found[]): readonly Residual[] {
  return residuals.filter((one) => !found.some((it) => covers(one, it)));
}

function covers({ attack, firmware, domains }: Residual, found: Found): boolean {
  return (
    attack === found.attack &&
    (firmware === undefined || firmware === found.firmware) &&
    (domains === 'all' || domains.includes(found.domain))
  );
}

function invalid(problems: Parameters<typeof problemLine>[0][]): PumprangeError {
  return new PumprangeError('PR_RESIDUAL_INVALID', problems.sort(byPosition).map(problemLine).join('\n'));
}
