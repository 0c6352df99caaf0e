/** A safety requirement of the Generic Infusion Pump that the model keeps. */
export interface GipRequirement {
  /** Ours and stable: the numbers of the original were not checked. */
  readonly id: `GIP-${string}`;
  /** What is asked, in our own words. */
  readonly wording: string;
  /** Files of the model, from the root of the house. */
  readonly modelledIn: readonly string[];
  readonly shownBy: { readonly file: string; readonly test: string };
}

/** One that the model does not keep, and why. */
export interface GipOmission {
  readonly id: `GIP-${string}`;
  readonly wording: string;
  readonly why: string;
}

const PUMP = 'simulator/pump';
const TESTS = 'test/simulator';

function requirement(
  id: GipRequirement['id'],
  wording: string,
  modelledIn: readonly string[],
  file: string,
  test: string,
): GipRequirement {
  const path = file.includes('/') ? file : `pump/${file}`;
  return { id, wording, modelledIn, shownBy: { file: `${TESTS}/${path}.test.ts`, test } };
}

/** Every requirement that the model was made after, in the order of the document's subjects. */
export const GIP_REQUIREMENTS: readonly GipRequirement[] = [
  requirement(
    'GIP-rate',
    'A rate lies within the range of the model, 0.1–999 mL/h at most, and within that of the syringe.',
    [`${PUMP}/limits.ts`, 'simulator/models/model.ts'],
    'properties',
    'keeps its essential performance',
  ),
  requirement(
    'GIP-volume',
    'A volume to be infused lies within the range of the model, 0.1–9,999 mL at most.',
    [`${PUMP}/limits.ts`, 'simulator/models/model.ts'],
    'limits',
    'of a %s pump lies within the range of the model',
  ),
  requirement(
    'GIP-flow-watchdog',
    'A flow that is more than a tenth too high or too low for 15 minutes stops the infusion with an alarm.',
    [`${PUMP}/context.ts`, `${PUMP}/next-due.ts`],
    'faults',
    'by a share of %d stops after 15 min: %s',
  ),
  requirement(
    'GIP-air',
    'More air than a limit of at most 250 µL stops the infusion.',
    [`${PUMP}/next-due.ts`, `${PUMP}/verdicts.ts`],
    'therapy',
    'is air, once more of it is there than the limit',
  ),
  requirement(
    'GIP-occlusion',
    'A line that is closed downstream is found at a pressure below 20 psi, after a time that goes as 1/rate.',
    ['simulator/physics/instants.ts', `${PUMP}/next-due.ts`],
    'faults',
    'is found after a time that goes as 1/rate',
  ),
  requirement(
    'GIP-release-bolus',
    'At most 0.5 mL reach the patient at once when an occlusion is released; where a setting allows more, the pump says so.',
    [`${PUMP}/regions/therapy-causes.ts`],
    'faults',
    'of a %s lets at most 0.5 mL into the patient when it is released, or says so',
  ),
  requirement(
    'GIP-two-steps',
    'Nothing is delivered before an entry was confirmed and started by separate keys.',
    [`${PUMP}/regions/therapy.ts`],
    'therapy',
    'takes two steps and a start, and delivers only then',
  ),
  requirement(
    'GIP-idle',
    'An entry that nobody goes on with alerts after 5 minutes, and is cleared with an alarm after 10.',
    [`${PUMP}/next-due.ts`, `${PUMP}/idle.ts`, `${PUMP}/regions/therapy-causes.ts`],
    'therapy',
    'alerts after 5 idle minutes, and clears audibly after 10',
  ),
  requirement(
    'GIP-input-waiting',
    'An infusion that waits for somebody reminds of it after 15 minutes.',
    [`${PUMP}/next-due.ts`],
    'therapy',
    'pauses and goes on with what is left',
  ),
  requirement(
    'GIP-self-test',
    'The pump tests itself at power-on, for at most 70 s, and delivers nothing meanwhile.',
    [`${PUMP}/regions/power.ts`],
    'power',
    'comes on through a self-test of at most 70 s, without delivery',
  ),
  requirement(
    'GIP-stuck-key',
    'A key that stays down is found, in the self-test and while the pump runs.',
    [`${PUMP}/regions/watch.ts`, `${PUMP}/regions/power.ts`],
    'device',
    'alarms and stops every channel after 30 s',
  ),
  requirement(
    'GIP-watchdog',
    'A controller that hangs is interrupted after 90 s; the pump alarms after 3 minutes.',
    [`${PUMP}/regions/watch.ts`, `${PUMP}/next-due.ts`],
    'device',
    'is interrupted after 90 s and alarms after 3 min; until then the motor runs on and no key works',
  ),
  requirement(
    'GIP-overheating',
    'A pump that is too hot stops with an alarm.',
    [`${PUMP}/regions/watch.ts`],
    'device',
    'stops every channel above 55 °C, until it is at most 50 °C and cleared',
  ),
  requirement(
    'GIP-battery-defective',
    'A battery that has failed alarms.',
    [`${PUMP}/regions/watch.ts`],
    'device',
    'stops every channel on mains',
  ),
  requirement(
    'GIP-battery',
    'The battery warns while less than 15 minutes are left, and again below 5.',
    [`${PUMP}/next-due.ts`, `${PUMP}/regions/power.ts`],
    'power',
    'warns at 15 and 5 minutes of battery, and ends safely when it is empty',
  ),
  requirement(
    'GIP-no-power',
    'A pump without any supply alarms.',
    [`${PUMP}/regions/power.ts`],
    'device',
    'takes the power with it where the mains is lost %s it',
  ),
  requirement(
    'GIP-silence',
    'A silenced alarm sounds again within 2 minutes; no alarm can be silenced for good.',
    [`${PUMP}/alarms.ts`, `${PUMP}/regions/alarm.ts`],
    'alarms',
    'are silenced for 2 minutes, not longer',
  ),
  requirement(
    'GIP-alarms',
    'Each alarm and alert has its priority, comes from its cause, and ends no sooner than that.',
    [`${PUMP}/alarms.ts`, `${PUMP}/faults.ts`],
    'properties',
    'clears an alarm of a cause only when the cause is gone',
  ),
  requirement(
    'GIP-retention',
    'What was programmed and set is kept for at least 4 hours without power.',
    [`${PUMP}/therapy-steps.ts`, `${PUMP}/regions/therapy-transitions.ts`],
    'recall',
    'is kept for %d ms: %s',
  ),
  requirement(
    'GIP-log',
    'The log survives a loss of power, with the time of each entry.',
    [`${PUMP}/facts.ts`, 'simulator/shell/pump-log.ts'],
    'shell/pump-shell',
    'has its log in a memory that outlives it',
  ),
  requirement(
    'GIP-hard-limit',
    'A value beyond a hard limit cannot be confirmed: it has to be entered anew.',
    [`${PUMP}/limits.ts`],
    'properties',
    'keeps its essential performance',
  ),
  requirement(
    'GIP-soft-limit',
    'A value beyond a soft limit needs a confirmation on purpose, which is written down.',
    [`${PUMP}/limit-answers.ts`, `${PUMP}/programme-record.ts`],
    'secondary',
    'keeps within the limits of the library, and passes a soft one only on purpose',
  ),
  requirement(
    'GIP-library-not-in-use',
    'The display says clearly when the limits of a drug library do not hold.',
    [`${PUMP}/display.ts`, `${PUMP}/regions/library.ts`],
    'device',
    'alerts, says so on the display, and leaves the ranges of the model',
  ),
  requirement(
    'GIP-library-history',
    'Which library came, was refused and became active is written down.',
    [`${PUMP}/regions/library.ts`],
    'library',
    'is written down when it comes, is refused and becomes active, each with its version and at its time',
  ),
  requirement(
    'GIP-bolus',
    'A bolus over its limit is not given and alarms.',
    [`${PUMP}/regions/therapy-transitions.ts`, `${PUMP}/bolus-steps.ts`],
    'faults',
    'comes at its time with its priority, and stops delivery if it is one of those',
  ),
  requirement(
    'GIP-bolus-cancelled',
    'A bolus that is interrupted is given up, not taken up again.',
    [`${PUMP}/therapy-steps.ts`],
    'therapy',
    'gives up a bolus that is interrupted',
  ),
  requirement(
    'GIP-keep-vein-open',
    'After the end of a programme the vein is kept open at a rate that is never above that of the infusion.',
    [`${PUMP}/limits.ts`],
    'therapy',
    'never keeps the vein open faster than it infused',
  ),
  requirement(
    'GIP-lock',
    'Keys that change a therapy can be locked.',
    [`${PUMP}/access-rights.ts`, `${PUMP}/regions/access.ts`],
    'access',
    'refuses what changes the therapy',
  ),
];

/** What the model leaves out. */
export const GIP_OMISSIONS: readonly GipOmission[] = [
  {
    id: 'GIP-accuracy',
    wording: 'The volume delivered over at least 72 hours is within 5% of what was programmed.',
    why: 'Modelled in simulator/physics and shown by its own tests; it is no behaviour of the statechart.',
  },
  {
    id: 'GIP-memory-test',
    wording: 'The self-test checks processor, ROM and RAM.',
    why: 'A virtual pump has no memory of its own that could fail; a firmware version can be data that does not pass.',
  },
  {
    id: 'GIP-clock-and-tone-test',
    wording: 'The self-test checks the clock and lets the tone be heard.',
    why: 'Time is injected and nothing sounds.',
  },
  {
    id: 'GIP-door-alert',
    wording: 'An open door is an alert that does not stop the infusion.',
    why: 'It stops here: no mechanism drives a set that it does not hold.',
  },
  {
    id: 'GIP-drug-change',
    wording: 'A change of drug stops the infusion.',
    why: 'There is no key for it while a pump infuses: an infusion has to be stopped before another drug is programmed.',
  },
  {
    id: 'GIP-repeated-reminder',
    wording: 'The reminder that an infusion waits comes again each 15 minutes.',
    why: 'It comes once, stays until somebody comes, and becomes more urgent after 5 minutes.',
  },
  {
    id: 'GIP-environment',
    wording: 'Humidity, pressure, shock, fluid ingress and electromagnetic disturbance are withstood.',
    why: 'A virtual pump has no housing.',
  },
];
