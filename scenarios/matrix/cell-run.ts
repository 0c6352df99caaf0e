import type { ControlId } from '../../protocol/index.ts';
import type { FirmwareState } from '../format/attack.ts';
import type { RunDetail } from '../report/rehearsal-report.ts';
import type { RunResult } from '../report/run-report.ts';
import { type Cell, cellName } from './cells.ts';

/** Which run is to be carried out. Plain data: it goes to another process and comes back. */
export interface CellOrder {
  readonly scenario: string;
  /** `null` where it does not depend on the firmware. */
  readonly firmware: FirmwareState | null;
  readonly cell: Cell;
  /** Whether a report wants to show what happened, and not only what came of it. */
  readonly detailed?: boolean | undefined;
}

/** What came of it. */
export interface CellRun extends CellOrder {
  readonly result: RunResult;
  /** With `detailed`. */
  readonly detail?: RunDetail | undefined;
  /** Controls that somebody asked for. */
  readonly consulted: readonly ControlId[];
  /** Taken from the run with all controls, since nobody asked for this one there. */
  readonly inferred?: boolean;
}

/** `spoofed-command (patched), alone:mutual-tls` */
export function orderName({ scenario, firmware, cell }: CellOrder): string {
  return `${scenario}${firmware === null ? '' : ` (${firmware})`}, ${cellName(cell)}`;
}
