import { z } from 'zod';
import { attackSchema } from './attack.ts';
import { brokerHostSchema } from './broker-host.ts';
import { durationMs, durationSchema } from './duration.ts';
import { fleetEntrySchema } from './fleet.ts';
import { type Expectation, expectationSchema } from './measures.ts';
import { referenceSchema } from './reference.ts';
import { stepSchema } from './steps.ts';
import { idSchema } from './values.ts';

export const FAMILIES = [
  'configuration',
  'patching',
  'attack',
  'resilience',
  'segmentation',
  'care',
] as const;
export type Family = (typeof FAMILIES)[number];

/** A rehearsal as its file has it. */
export const scenarioSchema = z
  .strictObject({
    $schema: z.string().optional().describe('Where an editor finds this schema.'),
    id: idSchema.describe('Name of the scenario and of its file.'),
    title: z.string().min(1).max(120).describe('One line.'),
    family: z.enum(FAMILIES).describe('What kind of rehearsal it is.'),
    summary: z.string().min(1).describe('What happens and what is to be learned, in a few sentences.'),
    references: z.array(referenceSchema).default([]),
    duration: durationSchema.describe('How long it lasts, in simulated time.'),
    seed: z
      .int()
      .min(0)
      .max(0xffff_ffff)
      .default(1)
      .describe('Seed of all chance, unless the command names one.'),
    fleet: z.array(fleetEntrySchema).min(1).describe('The pumps, and what they are doing.'),
    telemetryEvery: durationSchema
      .default('10s')
      .describe('How often pumps report; rarer in a rehearsal of days, which is otherwise slow.'),
    brokerHost: brokerHostSchema.optional(),
    enrolment: z
      .strictObject({
        certificateLifetime: durationSchema.describe(
          'How long the certificates hold that pumps get; renewed after two thirds.',
        ),
      })
      .optional()
      .describe(
        'Pumps enrol through EST with birth certificates; absent: they have their certificates from the start.',
      ),
    postures: z
      .array(idSchema)
      .min(1)
      .default([])
      .describe('Postures for which expectations are declared; an attack names them under `expected`, too.'),
    steps: z.array(stepSchema).describe('What happens, by whom and when.'),
    attack: attackSchema.optional(),
    expectations: z
      .array(expectationSchema)
      .min(1)
      .default([])
      .describe('What must hold in the end; an attack can do with what is `expected` of it.'),
  })
  .describe('A rehearsal on a simulated ward. TRAINING, NOT FOR HUMAN USE.');
export type Scenario = z.infer<typeof scenarioSchema>;

/** Postures for which something is expected, each once, in the order of the file. */
export function posturesOf({ postures, attack }: Scenario): readonly string[] {
  return [...new Set([...postures, ...Object.keys(attack?.expected ?? {})])];
}

/**
 * What is expected under a posture, in the order of the file; nothing under one that the scenario does not declare,
 * since whoever wrote the expectations did not have it in mind.
 */
export function expectationsFor(scenario: Scenario, postureId: string): readonly Expectation[] {
  if (!posturesOf(scenario).includes(postureId)) return [];
  return scenario.expectations.filter(({ postures }) => postures?.includes(postureId) ?? true);
}

/** Offsets in milliseconds at which pumps must be read for the expectations: each `at`, and the end. Ascending. */
export function samplingOffsetsMs(scenario: Scenario): readonly number[] {
  const offsets = [...scenario.expectations, ...(scenario.attack?.success ?? [])].flatMap((expectation) =>
    'at' in expectation && expectation.at !== undefined ? [durationMs(expectation.at)] : [],
  );
  return [...new Set([...offsets, durationMs(scenario.duration)])].sort((a, b) => a - b);
}

/** Whether an expectation compares with the same rehearsal without its white and red steps. */
export function needsUndisturbedRun(expectations: readonly Expectation[]): boolean {
  return expectations.some(
    (expectation) =>
      expectation.measure === 'delivery-unchanged' && expectation.comparedWith === 'undisturbed-run',
  );
}

/** The same rehearsal without its white and red steps; steps that wait for one of those then never come. */
export function undisturbed(scenario: Scenario): Scenario {
  return { ...scenario, steps: scenario.steps.filter(({ team }) => team !== 'white' && team !== 'red') };
}

/**
 * The same rehearsal without the adversary, and without what defenders do about it: they would revoke a key that nobody stole. What happens by
 * itself, such as a kinked line, happens.
 */
export function withoutAttack(scenario: Scenario): Scenario {
  return { ...scenario, steps: scenario.steps.filter(({ team }) => team !== 'red' && team !== 'blue') };
}
