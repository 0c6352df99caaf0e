interface Node<T> {
  /** By the level of a filter, `+` and `#` included. */
  readonly children: Map<string, Node<T>>;
  readonly subscribers: Set<T>;
}

function newNode<T>(): Node<T> {
  return { children: new Map(), subscribers: new Set() };
}

/** A filter without one is the name of a topic. */
export function hasWildcard(filter: string): boolean {
  return filter.includes('+') || filter.includes('#');
}

/**
 * Who has subscribed to what, level by level, so that a publication costs the depth of its topic and not the size of the fleet.
 * It matches as `filterMatches` of the protocol does [MQTT-4.7.1, MQTT-4.7.2-1].
 */
export class SubscriptionTree<T> {
  readonly #exact = new Map<string, Set<T>>();
  readonly #root: Node<T> = newNode();
  /** Answers for topics, as long as they hold: a fleet says the same things on the same topics again and again. */
  readonly #answers = new Map<string, ReadonlySet<T>>();

  add(filter: string, subscriber: T): void {
    if (!hasWildcard(filter)) {
      const subscribers = this.#exact.get(filter) ?? new Set();
      this.#exact.set(filter, subscribers.add(subscriber));
      this.#answers.delete(filter);
      return;
    }
    this.#answers.clear();
    let node = this.#root;
    for (const level of filter.split('/')) {
      const child = node.children.get(level) ?? newNode();
      node.children.set(level, child);
      node = child;
    }
    node.subscribers.add(subscriber);
  }

  remove(filter: string, subscriber: T): void {
    if (!hasWildcard(filter)) {
      const subscribers = this.#exact.get(filter);
      subscribers?.delete(subscriber);
      if (subscribers?.size === 0) this.#exact.delete(filter);
      this.#answers.delete(filter);
      return;
    }
    this.#answers.clear();
    const path: [parent: Node<T>, level: string, child: Node<T>][] = [];
    let node = this.#root;
    for (const level of filter.split('/')) {
      const child = node.children.get(level);
      if (child === undefined) return;
      path.push([node, level, child]);
      node = child;
    }
    node.subscribers.delete(subscriber);
    for (const [parent, level, child] of path.reverse()) {
      if (child.children.size === 0 && child.subscribers.size === 0) parent.children.delete(level);
    }
  }

  /** Each subscriber once, however many of its filters take the topic in. */
  matching(topic: string): ReadonlySet<T> {
    const known = this.#answers.get(topic);
    if (known !== undefined) return known;
    const found = new Set<T>(this.#exact.get(topic));
    collect(this.#root, topic.split('/'), 0, found, topic.startsWith('$'));
    const answer = found.size === 0 ? NOBODY : found;
    if (this.#answers.size >= MOST_ANSWERS) this.#answers.clear();
    this.#answers.set(topic, answer);
    return answer;
  }
}

/** Four topics each of 50,000 pumps; whoever invents topics does not fill the memory. */
const MOST_ANSWERS = 200_000;
const NOBODY: ReadonlySet<never> = new Set<never>();

function collect<T>(
  node: Node<T>,
  levels: readonly string[],
  depth: number,
  found: Set<T>,
  isReserved: boolean,
): void {
  const { children } = node;
  // Neither wildcard reaches a first level that begins with `$`.
  const reachable = !(isReserved && depth === 0);
  const rest = reachable ? children.get('#') : undefined;
  if (rest !== undefined) for (const subscriber of rest.subscribers) found.add(subscriber);
  const level = levels[depth];
  if (level === undefined) {
    for (const subscriber of node.subscribers) found.add(subscriber);
    return;
  }
  const named = children.get(level);
  if (named !== undefined) collect(named, levels, depth + 1, found, isReserved);
  const any = reachable ? children.get('+') : undefined;
  if (any !== undefined) collect(any, levels, depth + 1, found, isReserved);
}
