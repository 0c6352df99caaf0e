import { type ControlId, type Identity, parseTopic, type Topic } from '../../protocol/index.ts';
import { RETAINED, RULES, type TopicClass } from './rules.ts';

export type PolicyRequest =
  | { readonly action: 'publish'; readonly topic: string; readonly retain: boolean }
  | { readonly action: 'subscribe'; readonly filter: string };

export type PolicyDecision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly control: ControlId; readonly cause: string };

const ALLOWED: PolicyDecision = { allowed: true };

/** Every class that there is: what a filter could reach at all. */
const EVERY_CLASS: readonly TopicClass[] = [
  ...new Map(
    Object.values(RULES)
      .flatMap((rules) => [...rules.publish, ...rules.subscribe])
      .map((topicClass) => [shapeOf(topicClass, undefined).join('/'), topicClass]),
  ).values(),
];

/**
 * The policy: a pure function of who asks, what is asked and which controls are on. Deny by default.
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
    if (!controls.has('topic-authorization')) return ALLOWED;
    return decideSubscription(identity, request.filter);
  }
  const topic = parseTopic(request.topic);
  if (controls.has('topic-authorization')) {
    const mine = RULES[identity.kind].publish;
    if (topic === undefined || !mine.some((topicClass) => holds(topicClass, topic, identity))) {
      return deny('topic-authorization', `${identity.kind} may not publish ${request.topic}`);
    }
  }
  if (request.retain && controls.has('retained-guard')) {
    if (topic === undefined || !RETAINED.some((topicClass) => holds(topicClass, topic, identity))) {
      return deny('retained-guard', `nothing is retained on ${request.topic}`);
    }
  }
  return ALLOWED;
}

function decideSubscription(identity: Identity, filter: string): PolicyDecision {
  if (filter.startsWith('$')) return deny('topic-authorization', `${filter} is the broker's own`);
  const reachable = EVERY_CLASS.filter((topicClass) => intersects(filter, shapeOf(topicClass, undefined)));
  if (reachable.length === 0) return deny('topic-authorization', `${filter} reaches no topic that there is`);
  const mine = RULES[identity.kind].subscribe.map((topicClass) => shapeOf(topicClass, identity));
  for (const topicClass of reachable) {
    const shape = shapeOf(topicClass, undefined);
    if (!mine.some((allowed) => contains(allowed, filter, shape))) {
      return deny('topic-authorization', `${identity.kind} may not read ${shape.join('/')}`);
    }
  }
  return ALLOWED;
}

/** The levels of a class, `+` where any value may stand; an `own` class names its holder. */
function shapeOf(topicClass: TopicClass, identity: Identity | undefined): string[] {
  const serial = 'whose' in topicClass && topicClass.whose === 'own' && identity ? identity.id : '+';
  switch (topicClass.class) {
    case 'pump':
      return ['pumps', serial, topicClass.topic];
    case 'library-release':
      return ['libraries', '+', 'release'];
    case 'firmware-release':
      return ['firmware', '+', 'release'];
    case 'artifact-request':
      return ['artifacts', '+', 'request', serial];
    case 'artifact-chunk':
      return ['artifacts', '+', 'chunk', serial, '+'];
  }
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

function holds(topicClass: TopicClass, topic: Topic, identity: Identity): boolean {
  if (topic.kind !== topicClass.class) return false;
  if (topic.kind === 'pump' && topicClass.class === 'pump' && topic.topic !== topicClass.topic) return false;
  if (!('whose' in topicClass) || topicClass.whose === 'any') return true;
  return 'serial' in topic && identity.kind === 'pump' && topic.serial === identity.id;
}

function deny(control: ControlId, cause: string): PolicyDecision {
  return { allowed: false, control, cause };
}
