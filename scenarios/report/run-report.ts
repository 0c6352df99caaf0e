import { z } from 'zod';
import { CONTROL_IDS, type ControlId } from '../../protocol/index.ts';
import { HARM_FIGURES } from '../engine/attack-outcome.ts';
import { FIRMWARE_STATES } from '../format/attack.ts';
import { FAMILIES } from '../format/scenario.ts';
import { stepOutcomeSchema } from '../format/steps.ts';

/** Whose broker a floor can have: ours in this process, or a Mosquitto as its child. */
export const BROKERS = ['embedded', 'mosquitto'] as const;
export type BrokerName = (typeof BROKERS)[number];

const volumeMl = z.number().nonnegative();

export const expectationResultSchema = z.strictObject({
  id: z.string().describe('Id of the expectation in the scenario.'),
  what: z.string().describe('What was expected, in words.'),
  expected: z.string().describe('What was to be measured, with its bounds and units.'),
  actual: z.string().describe('What was measured.'),
  held: z.boolean().describe('Whether it held.'),
});
export type ExpectationResult = z.infer<typeof expectationResultSchema>;

export const harmSchema = z
  .strictObject({
    overMl: volumeMl.describe(
      'The most that any channel was ever ahead of its order, in mL, beyond what `assumptions` allow.',
    ),
    underMl: volumeMl.describe(
      'The most that any channel was ever behind its order, in mL, beyond what `assumptions` allow.',
    ),
    assumptions: z
      .strictObject({
        accuracyShare: z
          .number()
          .nonnegative()
          .describe('So much of the ordered volume a pump may be off, either way, without harm.'),
        accuracyMl: volumeMl.describe('And so much in any case: the play of a new set or syringe.'),
      })
      .describe('What counts as delivered as ordered.'),
    channels: z
      .array(
        z.strictObject({
          serial: z.string(),
          channel: z.string(),
          deliveredMl: volumeMl.describe('Volume delivered, in mL.'),
          intendedMl: volumeMl.describe('Volume ordered until the end, in mL.'),
          overMl: volumeMl,
          underMl: volumeMl,
        }),
      )
      .describe('Each channel that delivered something or should have.'),
  })
  .describe('Delivered against ordered, in mL; never a statement about a patient.');
export type Harm = z.infer<typeof harmSchema>;

const figure = z.number().nonnegative();

/** The harm of an attack, in the figures that its bound names. */
export const harmFiguresSchema = z.strictObject({
  overMl: figure,
  underMl: figure,
  recordsRead: figure,
  alarmsMissed: figure,
  offlinePumpMinutes: figure,
});

const attackResultSchema = z
  .strictObject({
    firmware: z.enum(FIRMWARE_STATES).optional().describe('Where the attack depends on it.'),
    succeeded: z.boolean().describe('All of what the scenario calls success held.'),
    bounded: z.boolean().describe('It did not, or harm stayed within the bound, or it was ended in time.'),
    predicates: z.array(expectationResultSchema).describe('What success is, and what was seen.'),
    harm: harmFiguresSchema,
    withinBound: z
      .boolean()
      .describe('Harm is within the bound; where it succeeded, the bound speaks of what success is, too.'),
    looseBounds: z
      .array(z.enum(HARM_FIGURES))
      .optional()
      .describe(
        'Figures that success speaks of, and whose bound is not below what came of it. In a bare run: the bound lets all pass.',
      ),
    brokenSteps: z
      .array(z.string())
      .describe(
        'Steps of the adversary that broke down by themselves: such a run shows nothing of what stood against it.',
      ),
    detectedAfterMs: figure.nullable().describe('From the first red step to the first alert after it.'),
    containedAfterMs: figure
      .nullable()
      .describe('From the first red step to the end of what the adversary could do.'),
    contained: z.boolean().describe('Noticed and ended in the time that the scenario gives.'),
  })
  .describe('What an attack came to.');
export type AttackResult = z.infer<typeof attackResultSchema>;

const responseResultSchema = z
  .strictObject({
    staffActions: z
      .int()
      .nonnegative()
      .describe(
        'How often somebody of the staff had to do something for a playbook, and once for each of `lostSessions`, to set it up again.',
      ),
    manualPumpMinutes: figure.describe(
      'Minutes for which defenders had pumps off the network, with somebody at the bedside, together.',
    ),
    falseResponses: z
      .array(
        z.strictObject({
          playbook: z.string(),
          action: z.string(),
          whom: z.string().describe('Identity URN, or an address.'),
          atMs: figure.describe('From the start.'),
        }),
      )
      .describe("Somebody of the hospital's own was shut out, who was not the adversary."),
    lostSessions: z
      .array(z.strictObject({ identity: z.string(), offlineMinutes: figure }))
      .describe(
        "Whose own sessions the defenders ended, the adversary's aside, and for how long they were away.",
      ),
    playbooks: z.array(
      z.strictObject({
        id: z.string().describe('Id of the playbook.'),
        rule: z.string().nullable().describe('Rule whose alert it answers; null: somebody said so.'),
        alertMs: figure.nullable().describe('When the alert was given, from the start.'),
        actions: z.array(
          z.strictObject({
            action: z.string(),
            outcome: stepOutcomeSchema,
            detail: z.string(),
            atMs: figure.describe('From the start.'),
          }),
        ),
      }),
    ),
  })
  .describe('What defenders did by their playbooks, and what it cost the ward.');
export type ResponseResult = z.infer<typeof responseResultSchema>;

const consequencesSchema = z
  .strictObject({
    recordsRead: z
      .strictObject({ persons: figure, fields: figure, topics: figure })
      .describe('What of synthetic patients arrived on connections that steps opened.'),
    alarmsMissed: figure.describe(
      "Alarms that the nurses' station never showed; they sounded at the bedside.",
    ),
    alarmsLateMinutes: figure.describe('For how long others were not shown, together.'),
    offlinePumpMinutes: figure.describe('For how long pumps were out of touch once they had been in it.'),
    interruptedTherapyMinutes: figure.describe('For how long nothing flowed though something was ordered.'),
    minutesAboveHardLimit: figure.describe('For how long more flowed than the hardest limit of the order.'),
    bedsideVisits: figure.describe(
      'How often somebody had to go to a pump because of an alarm or since nothing was heard of it; what playbooks ask for is `response.staffActions`.',
    ),
  })
  .describe('What the run did beside the millilitres.');

export const runResultSchema = z.strictObject({
  id: z.string().describe('Id of the scenario.'),
  title: z.string(),
  family: z.enum(FAMILIES),
  posture: z.string().describe('Id of the posture.'),
  broker: z
    .enum(BROKERS)
    .describe('embedded: ours, which tells what it does; mosquitto: as far as Mosquitto tells.'),
  seed: z.int().nonnegative(),
  verdict: z
    .enum(['pass', 'fail'])
    .describe(
      'pass: every expectation for this posture held. Where `judged` is false there is none, and it says nothing.',
    ),
  judged: z.boolean().describe('Whether anything was expected under this posture.'),
  expectations: z.array(expectationResultSchema),
  timeMode: z
    .enum(['lockstep', 'wall', 'in-memory'])
    .describe(
      'lockstep: real sockets in simulated time; wall: real time; in-memory: no sockets, proves nothing of TLS.',
    ),
  attack: attackResultSchema.optional(),
  response: responseResultSchema.optional().describe('Absent: they did nothing.'),
  harm: harmSchema,
  harmWithoutAttack: z
    .strictObject({ overMl: volumeMl, underMl: volumeMl })
    .optional()
    .describe(
      "The same rehearsal without the adversary's steps: so much of `harm` is not of its doing. Absent: there is no attack, no harm, or nobody asked.",
    ),
  consequences: consequencesSchema,
  stoppedBy: z
    .array(z.enum(CONTROL_IDS as [ControlId, ...ControlId[]]))
    .describe('Controls that denied something.'),
  detectedBy: z.array(z.string()).describe('Detection rules that alerted.'),
  simulatedMs: z.number().nonnegative(),
  wallMs: z.number().nonnegative(),
});
export type RunResult = z.infer<typeof runResultSchema>;

/** What `pumprange run --json` prints. */
export const runReportSchema = z.strictObject({
  version: z.literal(1).describe('Version of this format.'),
  runs: z.array(runResultSchema),
});
export type RunReport = z.infer<typeof runReportSchema>;
