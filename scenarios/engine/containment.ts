import type { Scenario } from '../format/scenario.ts';
import { flowAt } from './flow.ts';
import type { Footholds } from './footholds.ts';
import { deliveredFlow, orderedFlow } from './harm.ts';
import type { Observation, Response } from './observation.ts';
import { isOfRed, type RedTouch, redTouch } from './red-touch.ts';

/** What is known of the adversary's own doings. */
interface RedTraces {
  /** When its steps succeeded. */
  readonly successesMs: readonly number[];
  /** Connections that it still has in the end. */
  readonly openConnections: number;
  readonly lastClosedMs: number | undefined;
  readonly touch: RedTouch;
}

/** What puts things back, or only looks. */
const ENDS_NOTHING: ReadonlySet<string> = new Set(['note', 'restore', 'release-quarantine', 'start-server']);

export function redTraces(
  { steps }: Pick<Scenario, 'steps'>,
  observation: Pick<Observation, 'steps' | 'adversaryAddresses'>,
  { open, lastClosedMs }: Footholds,
): RedTraces {
  const red = new Set(steps.filter(({ team }) => team === 'red').map(({ id }) => id));
  const successesMs = observation.steps
    .filter(({ stepId, outcome }) => red.has(stepId) && outcome === 'succeeded')
    .map(({ atMs }) => atMs);
  return { successesMs, openConnections: open, lastClosedMs, touch: redTouch(steps, observation) };
}

/**
 * When the defenders had ended what the adversary could do, by what was seen: after an action of theirs that took effect the
 * adversary achieves nothing more, has no connection open, hears nothing more, and every pump flows as ordered again.
 * `null`: it did not come to that, or not by their doing.
 */
export function containedAtMs(
  observation: Pick<Observation, 'responses' | 'received' | 'pumps' | 'intents' | 'endMs'>,
  { successesMs, openConnections, lastClosedMs, touch }: RedTraces,
): number | null {
  const lastSuccessMs = Math.max(Number.NEGATIVE_INFINITY, ...successesMs);
  const effects = observation.responses
    .filter((response) => isAgainst(touch, response))
    .flatMap(({ actions }) => actions)
    .filter(
      ({ action, outcome, isIdle }) =>
        outcome === 'succeeded' && isIdle !== true && !ENDS_NOTHING.has(action),
    )
    .map(({ atMs }) => atMs)
    .filter((atMs) => atMs >= lastSuccessMs);
  if (effects.length === 0 || openConnections > 0) return null;
  const heardMs = observation.received.map(({ atMs }) => atMs);
  const offMs = lastDeviationMs(observation, Math.min(...successesMs));
  if (offMs === undefined) return null;
  return Math.max(Math.min(...effects), lastClosedMs ?? Number.NEGATIVE_INFINITY, ...heardMs, offMs);
}

/** Whether a response is an answer to what the adversary did: what hits somebody else ends nothing by its doing. */
function isAgainst(touch: RedTouch, { alertAtMs, identity, address, pump }: Response): boolean {
  if (alertAtMs === null) return true;
  const nobody = { zone: null, session: null, certificate: null, object: null };
  return isOfRed(touch, { atMs: alertAtMs, about: { identity, address, pump, ...nobody } });
}

/** Of the ordered rate: a pump that is this accurate flows as ordered [GIP: flow accuracy]. */
const ACCURACY = 0.05;

/** Until when some channel began, since the adversary did, to flow otherwise than ordered; negative infinity: none did; `undefined`: one still does in the end. */
function lastDeviationMs(
  { pumps, intents, endMs }: Pick<Observation, 'pumps' | 'intents' | 'endMs'>,
  sinceMs: number,
): number | undefined {
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const { serial, channels, flows } of pumps) {
    for (const channel of channels) {
      const delivered = deliveredFlow(flows, channel);
      const ordered = orderedFlow(intents, serial, channel);
      const changes = [...new Set([...delivered, ...ordered].map(({ fromMs }) => fromMs))].sort(
        (a, b) => a - b,
      );
      for (const [index, fromMs] of changes.entries()) {
        const wanted = flowAt(ordered, fromMs);
        // An order may end by itself long after the run.
        if (fromMs < sinceMs || fromMs >= endMs) continue;
        if (Math.abs(flowAt(delivered, fromMs) - wanted) <= wanted * ACCURACY + 1e-9) continue;
        const untilMs = changes[index + 1];
        if (untilMs === undefined || untilMs > endMs) return undefined;
        lastMs = Math.max(lastMs, untilMs);
      }
    }
  }
  return lastMs;
}
