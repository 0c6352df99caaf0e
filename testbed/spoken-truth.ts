import { z } from 'zod';
import type { BelievedForgery } from '../scenarios/index.ts';

const spoken = z.object({ bootId: z.string(), seq: z.number(), body: z.unknown() });
type Spoken = z.infer<typeof spoken>;

/**
 * What pumps really said in a rehearsal, against what is believed of them. Telemetry that was said once and is believed twice by one
 * receiver is a forgery as well; all else the broker and the pumps repeat themselves.
 */
export class SpokenTruth {
  readonly #said = new Map<string, Spoken[]>();
  readonly #believed = new Set<string>();
  readonly #forgeries: BelievedForgery[] = [];

  forgeries(): readonly BelievedForgery[] {
    return this.#forgeries;
  }

  said(topic: string, text: string): void {
    const message = spoken.parse(JSON.parse(text));
    const key = keyOf(topic, message);
    this.#said.set(key, [...(this.#said.get(key) ?? []), message]);
  }

  /** @param isTaken whether there is a record of that number already, so that this one is refused */
  believed(
    by: string,
    topic: string,
    message: Spoken,
    atMs: number,
    isTaken: () => boolean = () => false,
  ): void {
    const key = keyOf(topic, message);
    const isRepeated = topic.endsWith('/telemetry') && this.#believed.has(`${by} ${key}`);
    this.#believed.add(`${by} ${key}`);
    const isTrue = this.#said.get(key)?.some(({ body }) => isSame(body, message.body)) === true;
    if (isRepeated || (!isTrue && !isTaken())) this.#forgeries.push({ atMs, by, topic });
  }
}

function keyOf(topic: string, { bootId, seq }: Spoken): string {
  return `${topic} ${bootId} ${seq}`;
}

/** Mostly the members stand in the same order, and then it is cheap. */
function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b) || JSON.stringify(a, inOrder) === JSON.stringify(b, inOrder);
}

function inOrder(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
