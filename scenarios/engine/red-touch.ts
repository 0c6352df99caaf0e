import {
  type Alert,
  type Identity,
  parseClientId,
  parseTopic,
  parseUrn,
  urnOf,
} from '../../protocol/index.ts';
import type { Verb } from '../format/actions.ts';
import { textsUnder } from '../format/diagnostics/raw.ts';
import type { Step } from '../format/steps.ts';
import type { Observation, StepOutcome } from './observation.ts';

/** What one step of the adversary laid hands on, from when on. */
interface Touch {
  readonly atMs: number;
  /** Identity URNs that it shows, claims or signs with. */
  readonly identities: ReadonlySet<string>;
  readonly pumps: ReadonlySet<string> | 'all';
}

/** What in a rehearsal is the adversary's: what an alert has to be about to have noticed it, and what a response has to hit. */
export interface RedTouch {
  readonly touches: readonly Touch[];
  /** Identity URNs whose keys it holds. */
  readonly held: ReadonlySet<string>;
  /** Addresses that it spoke from. */
  readonly addresses: ReadonlySet<string>;
}

/** Verbs by which it does nothing to a pump unless they name one: it arrives, listens or leaves. */
const ONLY_ITSELF: ReadonlySet<Verb> = new Set([
  ...(['connect', 'subscribe', 'disconnect', 'join-network', 'rogue-server'] as const),
]);

export function redTouch(
  steps: readonly Step[],
  { steps: outcomes, adversaryAddresses = [] }: Pick<Observation, 'steps' | 'adversaryAddresses'>,
): RedTouch {
  const red = steps.filter(({ team }) => team === 'red');
  const taken = new Map<string, StepOutcome>(outcomes.map((outcome) => [outcome.stepId, outcome]));
  const extracted = red.flatMap(({ action }) => (action.do === 'extract-storage' ? [action.pump] : []));
  // The key is its own, and the name a pump's.
  const enrolled = red.flatMap(({ id, action }) =>
    action.do === 'enrol' && taken.get(id)?.outcome === 'succeeded' ? [action.pump] : [],
  );
  return {
    touches: red.flatMap(({ id, action }): readonly Touch[] => {
      const outcome = taken.get(id);
      if (outcome === undefined || outcome.outcome === 'skipped') return [];
      const identities = identitiesIn(action);
      const named = [...pumpsNamed(action), ...identities.filter(isPump).map(({ id: serial }) => serial)];
      const pumps = named.includes('all') || (named.length === 0 && !ONLY_ITSELF.has(action.do));
      return [
        {
          atMs: outcome.startedAtMs ?? outcome.atMs,
          identities: new Set(identities.map(urnOf)),
          pumps: pumps ? 'all' : new Set(named),
        },
      ];
    }),
    held: new Set([
      ...red.flatMap(({ action }) => keysIn(action).map(urnOf)),
      ...[...extracted, ...enrolled].map((id) => urnOf({ kind: 'pump', id })),
    ]),
    addresses: new Set(adversaryAddresses),
  };
}

/**
 * Whether an alert may be of the adversary's doing: it comes after a step of it that touched the identity or the pump which the alert
 * names, or it names an address that it spoke from. An alert that names nobody, such as of an altered log, counts from its first step on.
 */
export function isOfRed(
  { touches, addresses }: RedTouch,
  { atMs, about: { identity, address, pump } }: Pick<Alert, 'atMs' | 'about'>,
): boolean {
  const before = touches.filter((touch) => touch.atMs <= atMs);
  if (before.length === 0) return false;
  if (identity === null && address === null && pump === null) return true;
  if (address !== null && addresses.has(address)) return true;
  return before.some(
    ({ identities, pumps }) =>
      (identity !== null && identities.has(identity)) ||
      (pump !== null && (pumps === 'all' || pumps.has(pump))),
  );
}

/** Every identity that stands anywhere in an action, as such or in a client id. */
function identitiesIn(value: unknown): readonly Identity[] {
  const claimed = textsUnder(value, ['clientId']).flatMap(({ text }) => parseClientId(text) ?? []);
  return [...objectsIn(value).flatMap(({ kind, id }) => identity(kind, id) ?? []), ...claimed];
}

/** Identities whose keys an action uses: what is only claimed is somebody else's. */
function keysIn(value: unknown): readonly Identity[] {
  return objectsIn(value).flatMap(({ credential, of, signedBy }) => [
    ...(credential === 'stolen-certificate' || credential === 'expiring-certificate' ? identitiesIn(of) : []),
    ...identitiesIn(signedBy),
  ]);
}

function objectsIn(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (typeof value !== 'object' || value === null) return [];
  const fields: Readonly<Record<string, unknown>> = { ...value };
  return [fields, ...Object.values(fields).flatMap(objectsIn)];
}

function identity(kind: unknown, id: unknown): Identity | undefined {
  return typeof kind === 'string' && typeof id === 'string'
    ? parseUrn(`urn:pumprange:${kind}:${id}`)
    : undefined;
}

function isPump({ kind }: Identity): boolean {
  return kind === 'pump';
}

/** Serial numbers that an action names, in a topic too; `all` for all of them. */
function pumpsNamed(action: unknown): readonly string[] {
  const topics = textsUnder(action, ['topic']).flatMap(({ text }) => {
    const topic = parseTopic(text);
    return topic !== undefined && 'serial' in topic ? [topic.serial] : [];
  });
  return [...textsUnder(action, ['pump', 'pumps', 'wave']).map(({ text }) => text), ...topics];
}
