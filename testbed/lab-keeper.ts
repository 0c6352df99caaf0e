import { z } from 'zod';
import { type Lab, stateFolder, withLab } from '../network/lab/index.ts';
import { PumprangeError } from '../protocol/index.ts';
import { openControlSocket } from './control-socket.ts';
import { type LabFloor, startLabFloor } from './lab-floor.ts';
import { readLabPlan } from './lab-plan.ts';
import { reportOf } from './lab-report.ts';

/** What a lab is to be. */
export const labRequestSchema = z.strictObject({
  zones: z.string(),
  name: z.string(),
  ruleset: z.string().exactOptional(),
  interfaces: z.record(z.string(), z.string()),
  pumps: z.int(),
  ipv4Only: z.boolean(),
  /** Folder of the floor; absent: one of the lab's own, gone with it. */
  dir: z.string().exactOptional(),
  posture: z.string(),
  /** Whether anything runs in the zones. */
  floor: z.boolean(),
});
export type LabRequest = z.infer<typeof labRequestSchema>;

/** What the keeper says to who started it, once. */
export type KeeperWord =
  | { readonly ready: true }
  | { readonly ready: false; readonly code: string; readonly message: string };

/**
 * Has a lab for as long as nobody takes it down: a process of its own that is told over IPC what to bring up, says that it has, and lets go of
 * who started it.
 *
 * @param program how to run the command of this house
 * @throws PumprangeError `PR_USAGE` for a process that nobody tells anything
 */
export async function keepLab(program: readonly string[]): Promise<void> {
  const tell = process.send?.bind(process);
  if (tell === undefined) throw new PumprangeError('PR_USAGE', '`network lab up` starts it');
  try {
    const request = labRequestSchema.parse(await heard());
    await openAndStay(request, program, () => tell({ ready: true } satisfies KeeperWord));
  } catch (error) {
    const code = error instanceof PumprangeError ? error.code : 'PR_INTERNAL';
    const message = error instanceof Error ? error.message : String(error);
    if (process.connected) tell({ ready: false, code, message } satisfies KeeperWord);
  } finally {
    if (process.connected) process.disconnect();
  }
}

function heard(): Promise<unknown> {
  return new Promise((resolve, reject) => {
    process.once('message', resolve);
    process.once('disconnect', () => reject(new Error('nobody is there any more')));
  });
}

async function openAndStay(
  request: LabRequest,
  program: readonly string[],
  ready: () => void,
): Promise<void> {
  const { policy, options } = readLabPlan(request);
  await withLab(options, async (lab) => {
    // Whoever gave up waiting wants none.
    const abandoned = new Promise<never>((_, reject) =>
      process.once('disconnect', () => reject(new Error('nobody waits for it'))),
    );
    // Once it is ready, that is how it should be.
    abandoned.catch(() => undefined);
    const dir = request.dir ?? stateFolder(lab.name);
    const floor = request.floor
      ? await Promise.race([startLabFloor(lab, { ...request, policy, dir, program }), abandoned])
      : undefined;
    const socket = await openControlSocket(stateFolder(lab.name), () => ({
      methods: controlMethods(lab, floor),
      close: () => undefined,
    }));
    lab.beforeClose(async () => socket?.close());
    ready();
    // The socket keeps the process; a signal ends it.
    await new Promise(() => undefined);
  });
}

function controlMethods(lab: Lab, floor: LabFloor | undefined) {
  return {
    report: () => reportOf(lab, floor?.components() ?? []),
    pumps: () => floor?.call('pumps', 'status') ?? [],
  };
}
