import { spawn } from 'node:child_process';
import { z } from 'zod';
import {
  attachLab,
  type Impairment,
  leftOverLabs,
  removeLeftOvers,
  stateFolder,
  type TakenDown,
  takeDown,
} from '../network/lab/index.ts';
import { isErrorCode, PumprangeError } from '../protocol/index.ts';
import { connectControl } from './control-client.ts';
import { environment } from './environment.ts';
import type { LabRequest } from './lab-keeper.ts';
import { type LabReport, reportOf, reportSchema } from './lab-report.ts';

const wordSchema = z.discriminatedUnion('ready', [
  z.strictObject({ ready: z.literal(true) }),
  z.strictObject({ ready: z.literal(false), code: z.string(), message: z.string() }),
]);

/**
 * Brings a lab up: starts the process that keeps it, and waits until all of it stands.
 *
 * @param program how to run the command of this house
 * @throws PumprangeError what kept it from coming up; nothing of it stands then
 */
export async function bringUpLab(request: LabRequest, program: readonly string[]): Promise<LabReport> {
  const [file = '', ...args] = program;
  const keeper = spawn(file, [...args, 'network', 'lab', 'keep'], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const word = await new Promise<unknown>((resolve, reject) => {
    keeper.once('error', reject);
    keeper.once('message', resolve);
    keeper.once('exit', (code, signal) =>
      reject(new PumprangeError('PR_LAB_FAILED', `its keeper ended with ${signal ?? code}`)),
    );
    keeper.send(request);
  });
  const said = wordSchema.parse(word);
  keeper.disconnect();
  keeper.unref();
  if (!said.ready) {
    throw new PumprangeError(isErrorCode(said.code) ? said.code : 'PR_LAB_FAILED', said.message);
  }
  return labReport(request.name);
}

/**
 * What stands in a lab, and what has passed its router.
 *
 * @throws PumprangeError `PR_LAB_NOT_UP`, `PR_LAB_LEFT_OVER`, `PR_LAB_TOOL`, `PR_LAB_PRIVILEGE`
 */
export async function labReport(name: string): Promise<LabReport> {
  const lab = attachLab(name, environment.path);
  const components = await askKeeper(name, 'report').then(
    (report) => reportSchema.parse(report).components,
    // One that is in the middle of coming up, or of going, or that another command has for itself, says nothing.
    () => [],
  );
  return reportOf(lab, components);
}

async function askKeeper(name: string, method: string): Promise<unknown> {
  const control = await connectControl(stateFolder(name), () => undefined);
  try {
    return await control.call(method);
  } finally {
    control.close();
  }
}

/** @throws PumprangeError as {@link labReport}; `PR_USAGE`, `PR_LAB_KERNEL` */
export async function impairLab(name: string, impairment: Impairment): Promise<void> {
  await attachLab(name, environment.path).impair(impairment);
}

/** @throws PumprangeError as {@link labReport} */
export async function healLab(name: string): Promise<void> {
  await attachLab(name, environment.path).heal();
}

/** @throws PumprangeError `PR_LAB_TOOL`, `PR_LAB_PRIVILEGE`, `PR_USAGE` */
export function takeDownLab(name: string): Promise<TakenDown> {
  return takeDown(name, environment.path);
}

/**
 * Removes what is left of every lab whose process was killed.
 *
 * @returns their names
 * @throws PumprangeError `PR_LAB_TOOL`, `PR_LAB_PRIVILEGE`
 */
export function takeDownLeftOvers(): readonly string[] {
  return removeLeftOvers(environment.path);
}

/** Labs that a command has for itself: nobody knows their names, so nobody would take them down. */
const EPHEMERAL = /^(check|diff)\d+$/;

/**
 * As {@link takeDownLeftOvers}, of labs that `network check` and `network diff` had for themselves. Where there are none, nothing is asked of
 * the machine.
 */
export function takeDownEphemeral(): readonly string[] {
  const isEphemeral = (lab: string): boolean => EPHEMERAL.test(lab);
  return leftOverLabs().some(isEphemeral) ? removeLeftOvers(environment.path, isEphemeral) : [];
}
