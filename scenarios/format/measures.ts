import { z } from 'zod';
import { ALARM_PRIORITIES, THERAPY_STATES } from '../../protocol/index.ts';
import { assetSchema } from './adversary-actions/network.ts';
import { secretSchema } from './device-values.ts';
import { durationSchema } from './duration.ts';
import { controlSchema, stepOutcomeSchema } from './steps.ts';
import { channelSchema, idSchema, pumpSchema, pumpsSchema, versionSchema } from './values.ts';

/**
 * What a scenario can expect. A success predicate speaks of pumps, records, evidence and access and is written before
 * controls are chosen; only `evidence` may name a control, since which one denied is what the evidence shall tell.
 *
 * One rule for all of them: where several pumps are named, it must hold for each.
 */

const at = durationSchema
  .optional()
  .describe('Offset from the start, read after all that happens at that instant; absent: at the end.');

const count = z
  .strictObject({
    equals: z.int().nonnegative().optional(),
    atLeast: z.int().nonnegative().optional(),
    atMost: z.int().nonnegative().optional(),
  })
  .refine((bounds) => Object.values(bounds).some((bound) => bound !== undefined), {
    error: 'one of equals, atLeast and atMost',
  })
  .meta({ minProperties: 1 })
  .describe('How many: `equals`, or `atLeast` and `atMost`.');

const amount = {
  pumps: pumpsSchema,
  atLeastMl: z.number().nonnegative().optional().describe('At least so many mL.'),
  atMostMl: z.number().nonnegative().optional().describe('At most so many mL.'),
};

const libraryVersion = z
  .union([versionSchema, z.literal('none')])
  .describe('Version of a drug library, or `none`.');

const common = {
  id: idSchema.describe('Unique in the scenario.'),
  what: z.string().min(1).describe('What is expected, in words that a ward understands.'),
  postures: z
    .array(idSchema)
    .min(1)
    .optional()
    .describe('Postures under which it is expected, out of those of the scenario; absent: under each.'),
};

function measure<const Name extends string, Shape extends z.core.$ZodLooseShape>(
  name: Name,
  description: string,
  shape: Shape,
) {
  return z
    .strictObject({ ...common, measure: z.literal(name).describe(description), ...shape })
    .describe(description);
}

const needsAmount = {
  error: 'one of atLeastMl and atMostMl',
  path: ['measure'],
};
function hasAmount(bounds: { atLeastMl?: number | undefined; atMostMl?: number | undefined }): boolean {
  return bounds.atLeastMl !== undefined || bounds.atMostMl !== undefined;
}

const pumpRate = measure('pump-rate', 'What flows into the patient at an instant.', {
  pump: pumpSchema,
  channel: channelSchema.optional(),
  at: durationSchema.describe('Offset from the start.'),
  equalsMlPerH: z.number().nonnegative().describe('Rate in mL/h.'),
  withinMlPerH: z.number().nonnegative().default(0).describe('By how much it may be off, in mL/h.'),
});
const deliveredOverOrder = measure(
  'delivered-over-order',
  'By how much the volume delivered was ever ahead of the order, on the worst channel.',
  amount,
).refine(hasAmount, needsAmount);
const deliveredUnderOrder = measure(
  'delivered-under-order',
  'By how much the volume delivered was ever behind the order, on the worst channel.',
  amount,
).refine(hasAmount, needsAmount);
const deliveryUnchanged = measure(
  'delivery-unchanged',
  'At no instant was another volume delivered than it should.',
  {
    pumps: pumpsSchema,
    comparedWith: z
      .enum(['undisturbed-run', 'order'])
      .describe(
        'undisturbed-run: the same rehearsal without its white and red steps; order: the intent ledger.',
      ),
    withinMl: z.number().nonnegative().describe('By how much it may be off, in mL.'),
  },
);
const therapyState = measure('therapy-state', 'State of therapy of a channel.', {
  pumps: pumpsSchema,
  channel: channelSchema.optional(),
  equals: z.enum(THERAPY_STATES),
  at,
});
const libraryInUse = measure('library-in-use', 'Drug library that a pump goes by.', {
  pumps: pumpsSchema,
  equals: libraryVersion,
  at,
});
const libraryPending = measure(
  'library-pending',
  'Drug library that waits for the next power-on with a new patient.',
  {
    pumps: pumpsSchema,
    equals: libraryVersion,
    at,
  },
);
const configurationInUse = measure(
  'configuration-in-use',
  'Device configuration that a pump goes by; none: it is as its model comes.',
  {
    pumps: pumpsSchema,
    equals: z.union([versionSchema, z.literal('none')]).describe('Version of a configuration, or `none`.'),
    at,
  },
);
const firmwareRunning = measure('firmware-running', 'Firmware version that a pump runs.', {
  pumps: pumpsSchema,
  equals: versionSchema,
  at,
});
const exposedTo = measure(
  'exposed-to',
  'Whether a pump is exposed to a shipped advisory, as the inventory of the pump server has it.',
  {
    pumps: pumpsSchema,
    advisory: z
      .string()
      .regex(/^PRA-\d{4}$/, 'an advisory such as PRA-0001')
      .describe('Id of the advisory.'),
    equals: z.enum(['exposed', 'not-exposed', 'unknown']),
    at,
  },
);
const supervision = measure(
  'supervision',
  'Whether anybody but the bedside sees a pump: it has a session with the broker.',
  {
    pumps: pumpsSchema,
    equals: z.enum(['supervised', 'unsupervised']),
    at,
  },
);
const outOfTouch = measure(
  'out-of-touch',
  'For how long, together, a pump that had been in touch had no session with the broker.',
  {
    pumps: pumpsSchema,
    atLeastMinutes: z.number().nonnegative().optional().describe('At least so many minutes.'),
    atMostMinutes: z.number().nonnegative().optional().describe('At most so many minutes.'),
  },
).refine(({ atLeastMinutes, atMostMinutes }) => atLeastMinutes !== undefined || atMostMinutes !== undefined, {
  error: 'one of atLeastMinutes and atMostMinutes',
  path: ['measure'],
});
const alarmCount = measure('alarm-count', 'Changes of alarms at a pump, whether or not anybody was told.', {
  pumps: pumpsSchema,
  alarm: z
    .string()
    .min(1)
    .optional()
    .describe('Name of the alarm, such as downstream-occlusion; absent: any.'),
  priority: z.enum(ALARM_PRIORITIES).optional(),
  change: z.enum(['raised', 'silenced', 'escalated', 'cleared']).default('raised'),
  from: durationSchema.optional().describe('From this offset on; absent: from the start.'),
  to: durationSchema.optional().describe('Up to this offset; absent: to the end.'),
  count,
});
const refusals = measure('refusals', 'How often a pump refused what it was sent.', {
  pumps: pumpsSchema,
  of: z.enum(['command', 'library', 'configuration', 'firmware']).describe('What was refused.'),
  count,
});
const uplinkComplete = measure(
  'uplink-complete',
  "Every record that a pump made is in the server's store: none lost, in order, none recorded twice.",
  {
    pumps: pumpsSchema,
    streams: z
      .array(z.enum(['alarm', 'event']))
      .min(1)
      .describe('Which records.'),
    atLeastRecords: z
      .int()
      .min(1)
      .default(1)
      .describe('A pump must have made at least so many of these, or the expectation says nothing.'),
  },
);
const evidence = measure('evidence', 'Events of the evidence that a blue team could see.', {
  event: z.string().min(1).optional().describe('Name of the event, such as publish.denied; absent: any.'),
  outcome: z.enum(['allowed', 'denied', 'observed']).optional(),
  control: controlSchema.optional(),
  source: z
    .string()
    .min(1)
    .optional()
    .describe('Component that reported it, such as broker or pump:LVP-0001.'),
  subject: z.string().min(1).optional().describe('Identity URN that it is about.'),
  object: z.string().min(1).optional().describe('What it was done to, such as a topic.'),
  from: durationSchema.optional().describe('From this offset on; absent: from the start.'),
  to: durationSchema.optional().describe('Up to this offset; absent: to the end.'),
  count,
});
const occlusionLimit = measure('occlusion-limit', 'At which pressure an occlusion alarms at a pump.', {
  pumps: pumpsSchema,
  channel: channelSchema.optional(),
  atLeastMmHg: z.number().nonnegative().optional().describe('At least so many mmHg.'),
  atMostMmHg: z.number().nonnegative().optional().describe('At most so many mmHg.'),
  at,
}).refine(({ atLeastMmHg, atMostMmHg }) => atLeastMmHg !== undefined || atMostMmHg !== undefined, {
  error: 'one of atLeastMmHg and atMostMmHg',
  path: ['measure'],
});
const secretsDisclosed = measure(
  'secrets-disclosed',
  'Secrets of pumps that the adversary has read, each once, over all pumps that are named.',
  {
    pumps: pumpsSchema,
    kinds: z.array(secretSchema).min(1).optional().describe('Only these; absent: any.'),
    count,
  },
);
const servicesReached = measure('services-reached', 'Services that answered a `probe` step, each once.', {
  assets: z.array(assetSchema).min(1).optional().describe('Only these; absent: any.'),
  pumps: pumpsSchema.optional().describe('Only services of these pumps; absent: of anything.'),
  count,
});
const logRecords = measure(
  'log-records',
  'Records of a pump that nobody has any more, or that say what the pump never wrote.',
  {
    pumps: pumpsSchema,
    became: z
      .enum(['lost', 'altered'])
      .describe(
        "lost: neither in the pump's log nor in the server's store; altered: there, but not as made.",
      ),
    count,
  },
);
const stepOutcome = measure('step-outcome', 'How a step ended for who did it.', {
  step: idSchema.describe('Id of the step.'),
  outcome: stepOutcomeSchema,
});
const messagesReceived = measure(
  'messages-received',
  'What arrived on a connection that a `connect` step opened.',
  {
    connection: idSchema.describe('Name of the connection.'),
    filter: z.string().min(1).optional().describe('Only topics that this MQTT filter takes in.'),
    count,
  },
);
/** What names a patient. */
export const RECORD_FIELDS = ['name', 'record-number', 'encounter', 'bed'] as const;
export type RecordField = (typeof RECORD_FIELDS)[number];

const recordsRead = measure(
  'records-read',
  'Patients of whom something that names them arrived on connections that steps opened.',
  {
    connection: idSchema.optional().describe('Only what arrived on this one; absent: on any.'),
    fields: z
      .array(z.enum(RECORD_FIELDS))
      .min(1)
      .optional()
      .describe('A patient counts of whom one of these was read; absent: any of them.'),
    count,
  },
);
const alarm = z
  .string()
  .min(1)
  .optional()
  .describe('Name of the alarm, such as downstream-occlusion; absent: any.');
const alarmsMissed = measure(
  'alarms-missed',
  "Alarms that stood at a pump and that the nurses' station neither showed for 10 s nor sent anybody to look at.",
  { pumps: pumpsSchema, alarm, priority: z.enum(ALARM_PRIORITIES).optional(), count },
);
const alarmsLate = measure(
  'alarms-late',
  "Alarms that the nurses' station showed, or sent somebody to look at, only some time after they began.",
  {
    pumps: pumpsSchema,
    alarm,
    priority: z.enum(ALARM_PRIORITIES).optional(),
    after: durationSchema.default('10s').describe('From how long after its beginning on an alarm is late.'),
    count,
  },
);
const recordsAltered = measure(
  'records-altered',
  'Messages that somebody believed of a pump and that the pump had not said.',
  {
    pumps: pumpsSchema,
    by: z.enum(['pump-server', 'nurse-station']).optional().describe('Who believed it; absent: either.'),
    topic: z
      .enum(['status', 'telemetry', 'alarm', 'event', 'ack', 'patient'])
      .optional()
      .describe('What was forged; absent: any.'),
    count,
  },
);
const evidenceLost = measure(
  'evidence-lost',
  "Lines of the hospital's log of the evidence that are gone or changed, unless whoever verifies it finds that.",
  { count },
);
const detection = measure('detection', 'Alerts of a detection rule.', {
  rule: idSchema.describe('Id of the rule; see `pumprange list detections`.'),
  count,
});

const noFalseAlerts = measure(
  'no-false-alerts',
  'No detection rule gives an alert that somebody has to look at, in a rehearsal in which nobody does harm; notices (low, informational) count as none.',
  {},
);

/** What says nothing of who noticed or denied anything: the state of pumps, what was read, what somebody reached. */
const OBSERVED = [
  pumpRate,
  deliveredOverOrder,
  deliveredUnderOrder,
  deliveryUnchanged,
  therapyState,
  libraryInUse,
  libraryPending,
  configurationInUse,
  firmwareRunning,
  exposedTo,
  supervision,
  alarmCount,
  outOfTouch,
  uplinkComplete,
  occlusionLimit,
  secretsDisclosed,
  servicesReached,
  logRecords,
  stepOutcome,
  messagesReceived,
  recordsRead,
  alarmsMissed,
  alarmsLate,
  recordsAltered,
  evidenceLost,
] as const;

/** What an attack can have achieved. */
export const successSchema = z.discriminatedUnion('measure', OBSERVED);

export const expectationSchema = z.discriminatedUnion('measure', [
  ...OBSERVED,
  refusals,
  evidence,
  detection,
  noFalseAlerts,
]);
export type Expectation = z.infer<typeof expectationSchema>;
export type Measure = Expectation['measure'];
/** The expectation of one measure, e.g. `ExpectationOf<'pump-rate'>`. */
export type ExpectationOf<M extends Measure> = Extract<Expectation, { measure: M }>;
/** Bounds of a count; at least one is there. */
export type CountBounds = z.infer<typeof count>;
