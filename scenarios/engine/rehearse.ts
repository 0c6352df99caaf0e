import { HeapClock, QuietWire, seededRandom, WireNotQuietError } from '../../clock/index.ts';
import { type Layer, type Posture, PumprangeError } from '../../protocol/index.ts';
import { Adversary } from '../adversary/adversary.ts';
import { type Action, isAdversaryAction } from '../format/actions.ts';
import type { FirmwareState } from '../format/attack.ts';
import { brokerHostOf } from '../format/broker-host.ts';
import { durationMs } from '../format/duration.ts';
import { expandFleet } from '../format/fleet.ts';
import type { Expectation } from '../format/measures.ts';
import type { Playbook } from '../format/playbook.ts';
import {
  expectationsFor,
  needsUndisturbedRun,
  type Scenario,
  samplingOffsetsMs,
  undisturbed,
  withoutAttack,
} from '../format/scenario.ts';
import type { Step } from '../format/steps.ts';
import { responseSummary } from '../report/response-summary.ts';
import type { BrokerName, RunResult } from '../report/run-report.ts';
import { attackSummary, denyingControls, harmSummary, judgedAttack } from '../report/summary.ts';
import { attackOutcome } from './attack-outcome.ts';
import { holds } from './conditions.ts';
import { consequencesOf } from './consequences.ts';
import { containedAtMs, redTraces } from './containment.ts';
import { judge } from './expectations.ts';
import { Footholds } from './footholds.ts';
import { runLockstep, type Wire } from './lockstep.ts';
import { Lookout } from './lookout.ts';
import type { Observation, PumpSnapshot, StepOutcome } from './observation.ts';
import type { BuildStage, RehearsalWire, Sampling, Stage, StepResult } from './port.ts';
import { Responders } from './responders.ts';
import { therapies } from './therapies.ts';
import { transcriptOf } from './transcript.ts';
import { Whereabouts } from './whereabouts.ts';

export interface RehearsalOptions {
  readonly scenario: Scenario;
  readonly posture: Posture;
  readonly seed: number;
  readonly build: BuildStage;
  /** Whose broker the stage has. */
  readonly broker?: BrokerName | undefined;
  /** A new one for each ward; absent: one that watches both ends, for a broker in this process. */
  readonly wire?: (() => RehearsalWire) | undefined;
  /** When the rehearsal begins on its own clock. It never shows in a transcript. */
  readonly startMs: number;
  /**
   * It is a cell of a matrix, whose posture no scenario can have in mind: of an attack only what it came to counts, of another rehearsal
   * what is expected under no posture in particular.
   */
  readonly isCell?: boolean | undefined;
  /** The failure domain that is lost in this run, with the steps that this makes possible; absent: none. */
  readonly lost?: Layer | undefined;
  /** What the pumps of an attack run; absent: as the fleet is written. */
  readonly firmware?: FirmwareState | undefined;
  /** The newest firmware of a model; needed where pumps are `patched`. */
  readonly newestFirmware?: ((model: string) => string) | undefined;
  /** All that there are; those that the scenario names are carried out. */
  readonly playbooks?: readonly Playbook[] | undefined;
  /** Whether what an attack did is compared with the same rehearsal without its steps; that costs another run where there is harm. */
  readonly comparesHarm?: boolean | undefined;
  /** Pressures to keep besides; they change nothing of what happens. */
  readonly sampling?: Sampling | undefined;
}

export interface Rehearsal {
  readonly result: RunResult;
  readonly transcript: string;
  readonly observation: Observation;
}

/**
 * Carries out one scenario under one posture, on real sockets in simulated time, and judges it by what was seen.
 *
 * @throws PumprangeError when it could not be carried out; everything is taken down first
 */
export async function rehearse(options: RehearsalOptions): Promise<Rehearsal> {
  const { posture, seed } = options;
  const scenario = cast(options);
  const startedAt = performance.now();
  const expectations =
    options.isCell === true ? cellExpectations(scenario) : expectationsFor(scenario, posture.id);
  const quiet = needsUndisturbedRun(expectations)
    ? await carryOut(undisturbed(scenario), { ...options, sampling: undefined })
    : undefined;
  const seen = await carryOut(scenario, options);
  const observation: Observation = {
    ...seen,
    undisturbed:
      quiet === undefined
        ? null
        : { startMs: quiet.startMs, pumps: quiet.pumps.map(({ serial, flows }) => ({ serial, flows })) },
  };
  const { attack } = scenario;
  const outcome = attack && attackOutcome(attack, scenario.steps, observation);
  const judged = [
    ...expectations.map((expectation) => judge(expectation, observation)),
    ...(attack && outcome ? judgedAttack(attack, outcome, posture.id) : []),
  ];
  const harm = harmSummary(observation);
  const isHarmed = attack !== undefined && harm.overMl + harm.underMl > 0;
  const bystander =
    options.comparesHarm === true && isHarmed
      ? harmSummary(await carryOut(withoutAttack(scenario), { ...options, sampling: undefined }))
      : undefined;
  const response = responseSummary(scenario.steps, observation);
  const result: RunResult = {
    id: scenario.id,
    title: scenario.title,
    family: scenario.family,
    posture: posture.id,
    broker: options.broker ?? 'embedded',
    seed,
    verdict: judged.every(({ held }) => held) ? 'pass' : 'fail',
    judged: judged.length > 0,
    expectations: judged,
    timeMode: 'lockstep',
    ...(attack && outcome && { attack: attackSummary(outcome, options.firmware) }),
    ...(response && { response }),
    harm,
    ...(bystander && { harmWithoutAttack: { overMl: bystander.overMl, underMl: bystander.underMl } }),
    consequences: consequencesOf(observation),
    stoppedBy: [...denyingControls(observation.evidence)],
    detectedBy: [...new Set(observation.detections.map(({ rule }) => rule))].sort(),
    simulatedMs: observation.endMs - observation.startMs,
    wallMs: Math.round(performance.now() - startedAt),
  };
  const name = `${scenario.id} under ${posture.id}, seed ${seed}`;
  return { result, transcript: transcriptOf(name, observation, judged), observation };
}

function cellExpectations({ attack, expectations }: Scenario): readonly Expectation[] {
  return attack === undefined ? expectations.filter(({ postures }) => postures === undefined) : [];
}

/** The scenario with the pumps and the steps of this very run. */
function cast({ scenario, lost, firmware, newestFirmware }: RehearsalOptions): Scenario {
  const fleet =
    firmware !== 'patched' || newestFirmware === undefined
      ? scenario.fleet
      : scenario.fleet.map((entry) => ({ ...entry, firmware: newestFirmware(entry.model) }));
  const steps = scenario.steps.filter(
    ({ whenLost }) => whenLost === undefined || (lost !== undefined && whenLost.includes(lost)),
  );
  return { ...scenario, fleet, steps };
}

async function carryOut(scenario: Scenario, options: RehearsalOptions): Promise<Observation> {
  const { posture, seed, build, sampling } = options;
  // Certificates know whole seconds: a fraction of one would move what expires against everything else.
  const startMs = Math.floor(options.startMs / 1_000) * 1_000;
  const clock = new HeapClock(startMs);
  const wire = options.wire?.() ?? new QuietWire();
  const stage = await build({
    clock,
    settling: wire,
    random: seededRandom(seed),
    posture,
    fleet: expandFleet(scenario.fleet),
    adversaryZone: scenario.attack?.zone,
    brokerHost: scenario.brokerHost && brokerHostOf(scenario.brokerHost),
    lost: options.lost,
    sampling,
    telemetryEveryMs: durationMs(scenario.telemetryEvery),
    certificateLifetimeMs: scenario.enrolment && durationMs(scenario.enrolment.certificateLifetime),
  });
  const footholds = new Footholds(clock);
  const adversary = new Adversary(footholds.watched(stage.ground));
  try {
    return await play(
      scenario,
      { stage, adversary, footholds, playbooks: options.playbooks ?? [] },
      clock,
      wire,
    );
  } finally {
    adversary.leave();
    await stage.stop();
  }
}

interface Players {
  readonly stage: Stage;
  readonly adversary: Adversary;
  readonly footholds: Footholds;
  readonly playbooks: readonly Playbook[];
}

async function play(
  scenario: Scenario,
  { stage, adversary, footholds, playbooks }: Players,
  clock: HeapClock,
  wire: RehearsalWire,
): Promise<Observation> {
  const startMs = clock.now();
  const endMs = startMs + durationMs(scenario.duration);
  const serials = expandFleet(scenario.fleet).map(({ serial }) => serial);
  const done = new Map<string, StepOutcome>();
  const begun = new Map<string, number>();
  const waiting = new Set<Step>();
  const failures: PumprangeError[] = [];

  const note = (step: Step, { outcome, detail }: StepResult): void => {
    const atMs = clock.now();
    done.set(step.id, { stepId: step.id, outcome, detail, atMs, startedAtMs: begun.get(step.id) ?? atMs });
  };
  const whereabouts = new Whereabouts(stage.ground);
  const responders = new Responders(stage, clock, serials, playbooks);
  responders.answerWith(scenario.attack?.responses ?? []);
  const carriedOut = (action: Action): Promise<StepResult> => {
    if (isAdversaryAction(action)) return whereabouts.during(() => adversary.act(action));
    return action.do === 'run-playbook' ? responders.run(action) : stage.perform(action);
  };
  let lastRed: Step | undefined;
  const take = (step: Step): void => {
    if (isAdversaryAction(step.action)) lastRed = step;
    begun.set(step.id, clock.now());
    carriedOut(step.action).then(
      (result) => note(step, result),
      (cause: unknown) => {
        const reason = cause instanceof Error ? cause.message : String(cause);
        failures.push(new PumprangeError('PR_STEP_FAILED', `step ${step.id}: ${reason}`, { cause }));
      },
    );
  };
  for (const step of [...therapies(scenario), ...scenario.steps]) {
    if ('at' in step.trigger) clock.at(startMs + durationMs(step.trigger.at), () => take(step));
    else if ('when' in step.trigger) waiting.add(step);
  }
  const lookout = new Lookout(stage, clock);
  const settled = (): void => {
    const [failure] = failures;
    if (failure !== undefined) throw failure;
    lookout.look();
    responders.heed();
    for (const step of waiting) {
      if (!('when' in step.trigger) || !holds(step.trigger.when, stage, done)) continue;
      waiting.delete(step);
      clock.after(step.trigger.after === undefined ? 0 : durationMs(step.trigger.after), () => take(step));
    }
  };

  const patient: Wire = {
    settle: async () => {
      try {
        await wire.settle();
      } catch (error) {
        // If the adversary is what does not come to rest, that is its own failure and not the run's.
        if (!(error instanceof WireNotQuietError) || lastRed === undefined) throw error;
        const underWay = adversary.giveUp(NEVER_QUIET);
        await wire.settle();
        if (underWay === 0) note(lastRed, { outcome: 'failed', detail: NEVER_QUIET });
      }
    },
  };
  const snapshots = new Map<string, PumpSnapshot[]>();
  for (const offsetMs of samplingOffsetsMs(scenario)) {
    await runLockstep(clock, patient, startMs + offsetMs, settled);
    for (const serial of serials) {
      snapshots.set(serial, [...(snapshots.get(serial) ?? []), stage.snapshot(serial)]);
    }
  }
  for (const step of scenario.steps) {
    if (done.has(step.id)) continue;
    if (begun.has(step.id)) note(step, { outcome: 'failed', detail: 'it was not over in the end' });
    else {
      const detail = 'manual' in step.trigger ? 'nobody said when' : 'it never came to it';
      note(step, { outcome: 'skipped', detail });
    }
  }
  const seen = stage.observe();
  const steps = scenario.steps.flatMap((step) => done.get(step.id) ?? []);
  const observed = {
    ...seen,
    startMs,
    endMs,
    pumps: seen.pumps.map((pump) => ({ ...pump, snapshots: snapshots.get(pump.serial) ?? [] })),
    steps,
    received: adversary.received(),
    adversaryAddresses: whereabouts.addresses(),
    secrets: adversary.secrets(),
    reached: adversary.reached(),
    detections: [...stage.alerts()],
    responses: responders.responses(),
    undisturbed: null,
  };
  return { ...observed, containedAtMs: containedAtMs(observed, redTraces(scenario, observed, footholds)) };
}

/** Without ports: it stands in transcripts. */
const NEVER_QUIET = 'it did not come to rest, and was given up';
