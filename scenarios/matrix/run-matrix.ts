import type { ControlId, Posture } from '../../protocol/index.ts';
import type { Scenario } from '../format/scenario.ts';
import type { MatrixReport } from '../report/matrix-report.ts';
import { type CellOrder, type CellRun, orderName } from './cell-run.ts';
import { careCells, firstCells, isPresupposed, removedCells } from './cells.ts';
import { type Residual, staleResiduals } from './residuals.ts';
import {
  foundIn,
  idleControls,
  isMended,
  type Row,
  rowsOf,
  tallyAttack,
  tallyCare,
  unreviewed,
} from './tally.ts';

export interface MatrixOptions {
  /** Attacks and care scenarios, out of any catalogue; others are left alone. */
  readonly scenarios: readonly Scenario[];
  /** Whose controls are tried. */
  readonly base: Posture;
  readonly residuals: readonly Residual[];
  /** Runs every cell; nothing is inferred. */
  readonly exhaustive: boolean;
  /** Whether an inferred cell is run all the same, to see that the inference is right. */
  readonly checks?: ((order: CellOrder) => boolean) | undefined;
  /** Whether the runs without and with all controls are to be shown in a report. */
  readonly detailed?: boolean | undefined;
  /** Carries out one run, fresh. It is called for all that is to do, and sees itself to how many run at a time. */
  readonly carryOut: (order: CellOrder) => Promise<CellRun>;
  readonly progress?: ((done: number, known: number, run: CellRun) => void) | undefined;
}

export interface MatrixOutcome {
  readonly report: MatrixReport;
  /** Every run of every line, inferred ones too. */
  readonly runs: readonly CellRun[];
  /** Inferred cells that were run all the same and came out otherwise. */
  readonly wronglyInferred: readonly string[];
  /** Residuals of the file that are none any more. */
  readonly stale: readonly Residual[];
}

/** Tries every attack against every control, and every care scenario under each. */
export async function runMatrix(options: MatrixOptions): Promise<MatrixOutcome> {
  const { scenarios, base, residuals } = options;
  const startedAt = performance.now();
  const counter = { done: 0, known: 0 };
  const wronglyInferred: string[] = [];
  const carryOut = async (order: CellOrder): Promise<CellRun> => {
    counter.known += 1;
    const run = await options.carryOut(order);
    counter.done += 1;
    options.progress?.(counter.done, counter.known, run);
    return run;
  };
  const rows = scenarios.filter(({ attack }) => attack !== undefined).flatMap(rowsOf);
  const care = scenarios.filter(({ family }) => family === 'care');
  const [attackRuns, careRuns] = await Promise.all([
    Promise.all(rows.map((row) => runRow(row, options, carryOut, wronglyInferred))),
    Promise.all(
      care.map(({ id }) =>
        Promise.all(careCells(base).map((cell) => carryOut({ scenario: id, firmware: null, cell }))),
      ),
    ),
  ]);
  const attacks = rows.map((row, index) => tallyAttack(row, base, attackRuns[index] ?? []));
  const found = attacks.flatMap(foundIn);
  const tried = new Set(attacks.map(({ id }) => id));
  return {
    report: {
      version: 1,
      posture: base.id,
      attacks,
      unreviewedResiduals: unreviewed(attacks, residuals),
      idleControls: idleControls(base, attacks),
      care: care.map((scenario, index) => tallyCare(scenario, careRuns[index] ?? [])),
      runs: counter.done,
      wallMs: Math.round(performance.now() - startedAt),
    },
    runs: [...attackRuns, ...careRuns].flat(),
    wronglyInferred,
    stale: staleResiduals(
      residuals.filter(({ attack }) => tried.has(attack)),
      found,
    ),
  };
}

async function runRow(
  { scenario, firmware }: Row,
  { base, exhaustive, checks, detailed = false }: MatrixOptions,
  carryOut: MatrixOptions['carryOut'],
  wronglyInferred: string[],
): Promise<readonly CellRun[]> {
  const known: CellRun[] = [];
  const order = (cell: CellOrder['cell']): CellOrder => ({
    ...{ scenario: scenario.id, firmware, cell },
    ...(detailed && (cell.cell === 'bare' || cell.cell === 'all') && { detailed }),
  });
  const { attack } = scenario;
  if (firmware === 'patched') {
    const both = await Promise.all((['all', 'bare'] as const).map((cell) => carryOut(order({ cell }))));
    if (isMended({ scenario, firmware }, both[1]?.result.attack)) return both;
    known.push(...both);
  }
  const first = firstCells(base).filter(
    (cell) => cell.cell !== 'alone' || attack === undefined || !isPresupposed(cell.control, attack),
  );
  const [all, ...others] = first.map(
    async (cell) => known.find((run) => run.cell.cell === cell.cell) ?? carryOut(order(cell)),
  );
  const whole = await all;
  const removable = removedCells(base).filter(
    ({ control }) => attack === undefined || !isPresupposed(control, attack),
  );
  const removed = removable.map(async (cell): Promise<CellRun> => {
    if (whole === undefined || exhaustive || whole.consulted.includes(cell.control)) {
      return carryOut(order(cell));
    }
    const { detail: _, ...same } = whole;
    const inferred: CellRun = { ...same, cell, inferred: true };
    if (checks?.(order(cell)) === true) {
      const really = await carryOut(order(cell));
      if (!isSame(really, whole)) wronglyInferred.push(orderName(inferred));
    }
    return inferred;
  });
  return [...(whole ? [whole] : []), ...(await Promise.all([...others, ...removed]))];
}

/** Whether two runs came to the same, as far as a cell tells. */
function isSame(one: CellRun, other: CellRun): boolean {
  return outcome(one) === outcome(other);
}

function outcome({ result }: CellRun): string {
  const { attack, harm, stoppedBy, detectedBy } = result;
  const controls: readonly ControlId[] = stoppedBy;
  return JSON.stringify({ attack, channels: harm.channels, controls, detectedBy });
}
