import type { EvidenceEvent } from '../../protocol/index.ts';
import type { Step } from '../format/steps.ts';
import type { Observation, Response, ResponseAction } from './observation.ts';
import { type RedTouch, redTouch } from './red-touch.ts';

/** Somebody of the hospital's own was shut out. */
interface FalseResponse {
  readonly playbook: string;
  /** `revoke` or `quarantine`. */
  readonly action: string;
  /** Identity URN; an address where the alert names no identity. */
  readonly whom: string;
  readonly atMs: number;
}

/** A session of the hospital's own that the defenders ended, whoever they were after. */
interface LostSession {
  readonly identity: string;
  /** Until it was there again, or the run was over. */
  readonly offlineMs: number;
}

interface Disruption {
  readonly falseResponses: readonly FalseResponse[];
  readonly lostSessions: readonly LostSession[];
}

const SHUTS_OUT: ReadonlySet<string> = new Set(['revoke', 'quarantine']);
/** What ends because of a response ends within this. */
const AT_ONCE_MS = 1_000;

/**
 * What the defenders did to their own: whom they shut out though the adversary neither held that key nor spoke from that address, and who
 * of the hospital's own lost a session by it, for how long. By what the broker tells: a foreign one tells less.
 */
export function disruptionOf(
  steps: readonly Step[],
  observation: Pick<Observation, 'responses' | 'evidence' | 'endMs' | 'steps' | 'adversaryAddresses'>,
): Disruption {
  const red = redTouch(steps, observation);
  const taken = observation.responses.flatMap((response) =>
    response.actions
      .filter(({ action, outcome }) => SHUTS_OUT.has(action) && outcome === 'succeeded')
      .map((action) => ({ response, action })),
  );
  const lost = new Map<string, number>();
  for (const { response, action } of taken) {
    for (const identity of endedBy(response, action, observation.evidence, red)) {
      if (lost.has(identity)) continue;
      lost.set(identity, backAtMs(identity, action.atMs, observation, red) - action.atMs);
    }
  }
  return {
    falseResponses: taken
      .filter(({ response, action }) => !hits(response, action, red))
      .map(({ response: { playbook, identity, address }, action: { action, atMs } }) => ({
        ...{ playbook, action, whom: identity ?? address ?? 'nobody', atMs },
      })),
    lostSessions: [...lost].map(([identity, offlineMs]) => ({ identity, offlineMs })),
  };
}

/** Whether it hits the adversary: a key that it holds, or, where it was moved out of reach, a place that it spoke from. */
function hits(
  { identity, address }: Response,
  { action }: ResponseAction,
  { held, addresses }: RedTouch,
): boolean {
  if (identity !== null && held.has(identity)) return true;
  return action === 'quarantine' && address !== null && addresses.has(address);
}

/** Identities whose own sessions end with an action. */
function endedBy(
  { identity, address }: Response,
  { action, atMs }: ResponseAction,
  evidence: readonly EvidenceEvent[],
  { addresses }: RedTouch,
): readonly string[] {
  return evidence
    .filter(({ event }) => event === 'session.dropped' || event === 'session.closed')
    .filter(({ receiptTimeMs }) => receiptTimeMs >= atMs && receiptTimeMs <= atMs + AT_ONCE_MS)
    .filter((one) => one.subject === identity || (action === 'quarantine' && one.address === address))
    .filter((one) => one.address === null || !addresses.has(one.address))
    .flatMap(({ subject }) => subject ?? []);
}

function backAtMs(
  identity: string,
  sinceMs: number,
  { evidence, endMs }: Pick<Observation, 'evidence' | 'endMs'>,
  { addresses }: RedTouch,
): number {
  const back = evidence.find(
    ({ event, subject, address, receiptTimeMs }) =>
      event === 'session.opened' &&
      subject === identity &&
      receiptTimeMs > sinceMs &&
      (address === null || !addresses.has(address)),
  );
  return back?.receiptTimeMs ?? endMs;
}
