import { PumprangeError } from '../../protocol/index.ts';
import type { Impairment } from './impair.ts';
import { namespaceOf, type Side } from './names.ts';
import { type LabTools, runTool, ToolError } from './tools.ts';
import { DEVICE } from './wiring.ts';

const SIDES: readonly Side[] = ['assets', 'visitor'];

/**
 * Lets what the devices of a zone send leave them later.
 *
 * @throws PumprangeError `PR_LAB_KERNEL` where the kernel has no netem
 */
export async function delayLater(
  tools: LabTools,
  lab: string,
  { zone, ms }: Extract<Impairment, { kind: 'delay' }>,
): Promise<void> {
  try {
    for (const side of SIDES) {
      await qdisc(tools, namespaceOf(lab, { zone, side }), ['replace', 'root', 'netem', 'delay', `${ms}ms`]);
    }
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new PumprangeError('PR_LAB_KERNEL', `a delay needs the kernel's module sch_netem: ${error.said}`, {
      cause: error,
    });
  }
}

export async function undelay(tools: LabTools, lab: string, zone: string): Promise<void> {
  for (const side of SIDES) {
    // Where there is none, there is nothing to take away.
    await qdisc(tools, namespaceOf(lab, { zone, side }), ['del', 'root']).catch(() => undefined);
  }
}

function qdisc(tools: LabTools, namespace: string, [verb = '', ...rest]: readonly string[]): Promise<string> {
  return runTool(tools.ip, ['netns', 'exec', namespace, tools.tc, 'qdisc', verb, 'dev', DEVICE, ...rest]);
}
