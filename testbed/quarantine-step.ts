import { type EvidenceEvent, type Identity, urnOf } from '../protocol/index.ts';
import type { ActionOf, StepResult } from '../scenarios/index.ts';
import type { Testbed } from './testbed.ts';

type QuarantineAction = ActionOf<'quarantine'> | ActionOf<'release-quarantine'>;

/** Moves out of reach, or back, whoever a step names: an identity at all the addresses that those who defend know of. */
export function quarantineStep(
  { network, options }: Testbed,
  { do: verb, who }: QuarantineAction,
): StepResult {
  const target =
    'identity' in who
      ? { identities: [who.identity], addresses: addressesOf(who.identity, options.evidence.events()) }
      : { identities: [], addresses: [who.address] };
  const result = verb === 'quarantine' ? network.quarantine(target) : network.release(target);
  if (!result.done) return { outcome: 'refused', detail: result.reason };
  const moved = `${result.addresses.length} addresses ${verb === 'quarantine' ? 'out of reach' : 'back'}`;
  return { outcome: 'succeeded', detail: `${moved}, ${result.cut} connections ended` };
}

/** Where an identity was seen, by what a blue team can read. */
function addressesOf(identity: Identity, events: readonly EvidenceEvent[]): string[] {
  const subject = urnOf(identity);
  const seen = events.flatMap((event) =>
    event.visibility === 'blue' && event.subject === subject ? (event.address ?? []) : [],
  );
  return [...new Set(seen)];
}
