import {
  type ControlId,
  type Identity,
  parseSerial,
  parseTopic,
  type Topic,
  topicFilter,
} from '../../protocol/index.ts';
import { RETAINED, RULES, type Rule } from './rules.ts';

export type PolicyRequest =
  | { readonly action: 'publish'; readonly topic: string; readonly retain: boolean }
  | { readonly action: 'subscribe'; readonly filter: string };

export type PolicyDecision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly control: ControlId; readonly cause: string };

const ALLOWED: PolicyDecision = { allowed: true };

/** Every class that there is: what a filter could reach at all. */
const EVERY_RULE: readonly Rule[] = [
  ...new Map(
    Object.values(RULES)
      .flatMap((rules) => [...rules.publish, ...rules.subscribe])
      .map((rule) => [shapeOf(rule, undefined).join('/'), rule]),
  ).values(),
];

/**
 * The policy: a pure function of who asks, what is asked and which controls are on. Deny by default.
 *
 * A control is asked for only where it would deny: a rehearsal in which nobody asked for it would have gone the same way without it.
 *
 * A publication must be in a class that the role may publish. A subscription is judged by all that its wildcards could
 * reach: if one reachable class is not the role's to read, the whole filter is denied.
 */
export function decide(
  identity: Identity,
  request: PolicyRequest,
  controls: ReadonlySet<ControlId>,
): PolicyDecision {
  if (request.action === 'subscribe') {
    const decision = decideSubscription(identity, request.filter);
    return decision.allowed || controls.has('topic-authorization') ? decision : ALLOWED;
  }
  return decidePublication(identity, request, parseTopic(request.topic), controls);
}

/** @param topic the topic of the request taken apart, for who needs it afterwards, too */
export function decidePublication(
  identity: Identity,
  request: Extract<PolicyRequest, { readonly action: 'publish' }>,
  topic: Topic | undefined,
  controls: ReadonlySet<ControlId>,
): PolicyDecision {
  const isIn = (rules: readonly Rule[]): boolean =>
    topic !== undefined && rules.some((rule) => holds(rule, topic, identity));
  if (!isIn(RULES[identity.kind].publish) && controls.has('topic-authorization')) {
    return deny('topic-authorization', `${identity.kind} may not publish ${request.topic}`);
  }
  if (request.retain && !isIn(RETAINED) && controls.has('retained-guard')) {
    return deny('retained-guard', `nothing is retained on ${request.topic}`);
  }
  return ALLOWED;
}

function decideSubscription(identity: Identity, filter: string): PolicyDecision {
  if (filter.startsWith('$')) return deny('topic-authorization', `${filter} is the broker's own`);
  const reachable = EVERY_RULE.filter((rule) => intersects(filter, shapeOf(rule, undefined)));
  if (reachable.length === 0) return deny('topic-authorization', `${filter} reaches no topic that there is`);
  const mine = RULES[identity.kind].subscribe.map((rule) => shapeOf(rule, identity));
  for (const rule of reachable) {
    const shape = shapeOf(rule, undefined);
    if (!mine.some((allowed) => contains(allowed, filter, shape))) {
      return deny('topic-authorization', `${identity.kind} may not read ${shape.join('/')}`);
    }
  }
  return ALLOWED;
}

/** The levels of a rule's topics, `+` where any value may stand; an `own` rule names its holder. */
function shapeOf({ topics, whose }: Rule, holder: Identity | undefined): string[] {
  const serial = whose === 'own' && holder ? parseSerial(holder.id) : undefined;
  return topicFilter(topics, serial ?? '+').split('/');
}

/** Whether some topic of this shape matches the filter. */
function intersects(filter: string, shape: readonly string[]): boolean {
  const levels = filter.split('/');
  for (const [index, level] of levels.entries()) {
    if (level === '#') return true;
    const wanted = shape[index];
    if (wanted === undefined) return false;
    if (level !== '+' && wanted !== '+' && level !== wanted) return false;
  }
  return levels.length === shape.length;
}

/** Whether every topic of `shape` that the filter reaches is of the `allowed` shape too. */
function contains(allowed: readonly string[], filter: string, shape: readonly string[]): boolean {
  if (allowed.length !== shape.length) return false;
  const levels = filter.split('/');
  const everything = levels.indexOf('#');
  return allowed.every((wanted, index) => {
    if (wanted === '+') return true;
    if (shape[index] === wanted) return true;
    const level = everything >= 0 && index >= everything ? '#' : levels[index];
    return level === wanted;
  });
}

function holds({ topics, whose }: Rule, topic: Topic, identity: Identity): boolean {
  if (topic.kind !== topics.kind) return false;
  if (topic.kind === 'pump' && topics.kind === 'pump' && topic.topic !== topics.topic) return false;
  if (whose === 'any') return true;
  return 'serial' in topic && identity.kind === 'pump' && topic.serial === identity.id;
}

function deny(control: ControlId, cause: string): PolicyDecision {
  return { allowed: false, control, cause };
}
