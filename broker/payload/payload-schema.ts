import type { ControlId, Topic } from '../../protocol/index.ts';
import { messageFault } from './message-fault.ts';

export type PayloadVerdict =
  | { readonly fits: true }
  | { readonly fits: false; readonly control: ControlId; readonly cause: string };

const FITS: PayloadVerdict = { fits: true };

/**
 * `payload-schema`: what is published on a topic of ours is a message of that topic. What its body asks for is not the broker's to judge,
 * and neither are chunks of artefacts, which are bytes that the pump checks by their digest.
 *
 * @param topic `undefined` for a topic that is none of ours, where the control knows no schema
 */
export function judgePayload(
  topic: Topic | undefined,
  payload: Uint8Array,
  controls: ReadonlySet<ControlId>,
): PayloadVerdict {
  if (!controls.has('payload-schema') || topic === undefined || topic.kind === 'artifact-chunk') return FITS;
  const type = topic.kind === 'pump' ? topic.topic : topic.kind;
  const fault = messageFault(type, payload);
  return fault === undefined
    ? FITS
    : { fits: false, control: 'payload-schema', cause: `no ${type}: ${fault}` };
}
