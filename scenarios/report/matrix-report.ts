import { z } from 'zod';
import { CONTROL_IDS, type ControlId, LAYERS } from '../../protocol/index.ts';
import { harmFiguresSchema } from './run-report.ts';

const controlSchema = z.enum(CONTROL_IDS as [ControlId, ...ControlId[]]);
const layerSchema = z.enum(LAYERS);

/** What something that is on does to an attack, from the strongest to the weakest. */
export const EFFECTS = ['stops', 'limits', 'contains', 'detects', 'none'] as const;
export type Effect = (typeof EFFECTS)[number];

const effectSchema = z
  .enum(EFFECTS)
  .describe(
    'stops: the attack does not succeed and harm is within its bound; limits: harm is less than on the bare floor; contains: it is ' +
      'detected and ended in time; detects: somebody notices and it succeeds all the same; none: it succeeds and nobody notices.',
  );

/** On which firmware an attack was rehearsed; `null` where it does not depend on the firmware. */
const firmwareSchema = z
  .enum(['vulnerable', 'patched'])
  .nullable()
  .describe(
    'vulnerable: as the fleet is written; patched: the newest version of each model; null: does not matter.',
  );

const matrixAttackSchema = z.strictObject({
  id: z.string().describe('Id of the scenario.'),
  firmware: firmwareSchema,
  title: z.string(),
  presupposes: z
    .array(controlSchema)
    .describe('Controls that are on in every run of it, since it attacks them.'),
  succeedsBare: z
    .boolean()
    .describe('Whether it works on a floor without controls; if not, it is no attack.'),
  mendedByFirmware: z
    .boolean()
    .describe(
      'The newest firmware itself stops it: on the bare floor it works on the vulnerable one only. No other cell is run.',
    ),
  boundedBare: z
    .boolean()
    .describe(
      'Whether it stays within its bound there all the same; then the bound says nothing, and it is no attack.',
    ),
  all: effectSchema.describe('Effect of all the controls of the posture together.'),
  boundedByAll: z
    .boolean()
    .describe('Whether harm stays within its bound with every control of the posture.'),
  alone: z.partialRecord(controlSchema, effectSchema).describe('Effect of each control as the only one.'),
  removed: z
    .partialRecord(controlSchema, effectSchema)
    .describe('Effect of all the others, each control removed in its turn.'),
  inferred: z
    .array(controlSchema)
    .describe('Removed cells that were not run: their control was never asked in the run with all of them.'),
  domainLost: z
    .partialRecord(layerSchema, effectSchema)
    .describe('Effect of what is left with each failure domain lost or in the hands of the adversary.'),
  layers: z
    .array(layerSchema)
    .describe(
      'Failure domains of which each stops, limits or contains it alone, with a control that needs none of another and that the bare floor ' +
        'has not. What holds with one of them lost, alone or together, is in domainLost.',
    ),
  residual: z
    .array(layerSchema)
    .describe('Domains with whose loss it is neither bounded nor contained in time.'),
  residualHarm: z
    .partialRecord(layerSchema, harmFiguresSchema)
    .describe('What it came to with each of these lost.'),
  unscored: z
    .array(z.string())
    .describe(
      'Cells in which a step of the adversary broke down by itself, so that nothing is shown; one is enough for the command to fail.',
    ),
});
export type MatrixAttack = z.infer<typeof matrixAttackSchema>;

const unreviewedSchema = z.strictObject({
  attack: z.string(),
  firmware: firmwareSchema,
  domain: layerSchema,
});

/** What `pumprange matrix --json` prints. */
export const matrixReportSchema = z.strictObject({
  version: z.literal(1).describe('Version of this format.'),
  posture: z.string().describe('Id of the posture whose controls were tried.'),
  attacks: z.array(matrixAttackSchema),
  unreviewedResiduals: z
    .array(unreviewedSchema)
    .describe('Residuals that are not in scenarios/residual.yaml; one is enough for the command to fail.'),
  idleControls: z.array(controlSchema).describe('Controls that decide nothing in any attack.'),
  care: z.array(
    z.strictObject({
      id: z.string().describe('Id of the care scenario.'),
      title: z.string(),
      brokenBy: z.array(controlSchema).describe('Controls that break it, each alone.'),
      brokenByAll: z.boolean().describe('Whether the whole posture breaks it.'),
      falseAlerts: z.array(z.string()).describe('Detection rules that alerted on it.'),
    }),
  ),
  runs: z.int().nonnegative().describe('Runs that were carried out; inferred cells are none.'),
  wallMs: z.number().nonnegative(),
});
export type MatrixReport = z.infer<typeof matrixReportSchema>;

/**
 * An attack that does not work on the bare floor, and not because the pumps are patched, is none. Nor is one that stays within its bound
 * there: whatever stands against it would seem to hold it.
 */
export function isUnreal({ succeedsBare, boundedBare, mendedByFirmware }: MatrixAttack): boolean {
  return !mendedByFirmware && (!succeedsBare || boundedBare);
}
