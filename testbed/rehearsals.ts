import { type ControlId, type Posture, PumprangeError } from '../protocol/index.ts';
import {
  type BrokerName,
  type Cell,
  cellCommand,
  cellPosture,
  type FirmwareState,
  posturesOf,
  type Rehearsed,
  type RunDetail,
  type RunReport,
  type RunResult,
  rehearse,
  rehearsedOf,
  runDetail,
  type Scenario,
  samplingOffsetsMs,
  selectPosture,
  selectScenarios,
} from '../scenarios/index.ts';
import { newestFirmware } from './cell-runner.ts';
import { type Exercise, namesOf } from './exercise.ts';
import { PingedWire } from './pinged-wire.ts';
import { stageBuilder } from './stage.ts';

/** Real time in which a broker in another process has to answer. */
const PATIENCE_MS = 10_000;

export interface RunSelection {
  /** Ids, families or YAML files; empty: the whole catalogue. */
  readonly what: readonly string[];
  /** Id of a posture, or `all` for each that a scenario declares. */
  readonly posture: string;
  readonly seed?: number | undefined;
  /** A cell of the matrix over that posture; absent: the posture itself. */
  readonly cell?: Cell | undefined;
  /** What the pumps of attacks run; absent: as their fleet is written. */
  readonly firmware?: FirmwareState | undefined;
  /** Whose broker; ours by default. */
  readonly broker?: BrokerName | undefined;
  /** Where the clock of a rehearsal starts; the time of day by default. */
  readonly startMs?: number | undefined;
  /** Whether a report wants more than the results. */
  readonly detailed?: boolean | undefined;
  readonly ended?: (run: RunResult) => void;
}

export interface RunOutcome {
  /** Ids of scenarios that the broker cannot take, where nobody asked for them by name. */
  readonly leftOut: readonly string[];
  readonly report: RunReport;
  readonly transcripts: readonly { readonly name: string; readonly text: string }[];
  /** With `detailed`: each scenario with its runs, in the order of the runs. */
  readonly rehearsed: Rehearsed[];
}

/**
 * Rehearses scenarios one after the other, each from a clean start.
 *
 * @throws PumprangeError `PR_SCENARIO_UNKNOWN`, `PR_POSTURE_UNKNOWN`, `PR_SCENARIO_INVALID`, `PR_STEP_FAILED`, `PR_WIRE_NOT_QUIET`; with
 * Mosquitto `PR_BROKER_…`
 */
export async function runScenarios(exercise: Exercise, selection: RunSelection): Promise<RunOutcome> {
  const { data, postures, rules, playbooks, scenarios } = exercise;
  const chosen = selectScenarios(scenarios, selection.what, namesOf(exercise));
  if (chosen.length === 0) throw new PumprangeError('PR_SCENARIO_UNKNOWN', 'there is no scenario to run');
  const { broker = 'embedded' } = selection;
  const foreign = broker === 'mosquitto';
  const leftOut = foreign ? chosen.filter(runsOutOfCertificates).map(({ id }) => id) : [];
  const named = leftOut.find((id) => selection.what.includes(id));
  if (named !== undefined || leftOut.length === chosen.length) throw judgedByTheHost(leftOut);
  const build = stageBuilder(data, rules, broker);
  const runs: RunResult[] = [];
  const transcripts: { name: string; text: string }[] = [];
  const nowMs = Date.now();
  const rehearsed: Rehearsed[] = [];
  for (const scenario of chosen.filter(({ id }) => !leftOut.includes(id))) {
    const details: RunDetail[] = [];
    const ids = selection.posture === 'all' ? posturesOf(scenario) : [selection.posture];
    for (const base of ids.map((id) => selectPosture(postures, id))) {
      const { cell, firmware } = selection;
      const presupposes = scenario.attack?.presupposes;
      const posture =
        cell === undefined ? presupposing(base, presupposes) : cellPosture(cell, base, presupposes);
      const { result, transcript, observation } = await rehearse({
        scenario,
        posture,
        seed: selection.seed ?? scenario.seed,
        build,
        playbooks,
        broker,
        ...(foreign && { wire: () => new PingedWire({ patienceMs: PATIENCE_MS }) }),
        comparesHarm: true,
        ...(cell !== undefined && { isCell: true }),
        ...(cell?.cell === 'lost' && { lost: cell.domain }),
        ...(firmware && { firmware, newestFirmware: (model) => newestFirmware(data, model) }),
        startMs: selection.startMs ?? (foreign ? endingNow(scenario) : nowMs),
      });
      runs.push(result);
      transcripts.push({ name: `${scenario.id}-${posture.id}`, text: transcript });
      if (selection.detailed === true) {
        const again =
          cell === undefined
            ? `pumprange run ${scenario.id} --posture ${base.id}${firmware === undefined ? '' : ` --firmware ${firmware}`}`
            : cellCommand(scenario.id, firmware ?? null, cell, base.id);
        const command = `npx ${again} --seed ${result.seed}`;
        details.push(
          runDetail({ cell: cell ?? { cell: 'posture' }, command, scenario, result, observation }),
        );
      }
      selection.ended?.(result);
    }
    if (selection.detailed === true)
      rehearsed.push(rehearsedOf(scenario, selection.firmware ?? null, details));
  }
  return { report: { version: 1, runs }, transcripts, rehearsed, leftOut };
}

/** What an attack is an attack on is on in every run of it. */
function presupposing(posture: Posture, presupposes: readonly ControlId[] = []): Posture {
  return presupposes.length === 0
    ? posture
    : { ...posture, controls: new Set([...posture.controls, ...presupposes]) };
}

/** Mosquitto judges certificates by the host's clock, at which those of such a scenario have all run out or have not begun. */
function runsOutOfCertificates({ enrolment }: Scenario): boolean {
  return enrolment !== undefined;
}

function judgedByTheHost(ids: readonly string[]): PumprangeError {
  return new PumprangeError(
    'PR_BROKER_SCENARIO',
    `${ids.join(', ')}: certificates run out in simulated time, and Mosquitto judges them by the host's clock`,
  );
}

/** On Mosquitto it ends now: what is issued and revoked meanwhile may not lie in the future of the host's clock. */
function endingNow(scenario: Scenario): number {
  return Date.now() - (samplingOffsetsMs(scenario).at(-1) ?? 0);
}
