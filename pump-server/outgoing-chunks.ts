import { type Link, type Serial, topicName } from '../protocol/index.ts';

/**
 * Chunks that the broker has not acknowledged, of all pumps together: 4 MiB. What is sent is in memory several times over (MQTT.js, TLS and
 * the socket each hold it), and a floor that is offered a release asks in one moment.
 */
const MOST_UNACKNOWLEDGED = 64;

interface Chunk {
  readonly digest: string;
  readonly serial: Serial;
  readonly offset: number;
  /** A view of the artefact: what waits costs no memory of its own. */
  readonly bytes: Uint8Array;
}

/** Sends chunks in the order in which they were asked for, so many at a time as the broker takes. */
export class OutgoingChunks {
  /** What waits, by pump and artefact: a pump that asks again wants what it asks for now, once. */
  readonly #waiting = new Map<string, Chunk>();
  #link: Link | undefined;
  #unacknowledged = 0;

  online(link: Link): void {
    this.#link = link;
    this.#unacknowledged = 0;
  }

  /** What was to be sent is forgotten: pumps ask again. */
  offline(): void {
    this.#link = undefined;
    this.#waiting.clear();
  }

  send(chunk: Chunk): void {
    if (this.#link === undefined) return;
    this.#waiting.set(`${chunk.serial} ${chunk.digest}`, chunk);
    this.#sendMore(this.#link);
  }

  #sendMore(link: Link): void {
    for (const [key, { digest, serial, offset, bytes }] of this.#waiting) {
      if (this.#unacknowledged >= MOST_UNACKNOWLEDGED) return;
      this.#waiting.delete(key);
      this.#unacknowledged += 1;
      const topic = topicName({ kind: 'artifact-chunk', digest, serial, offset });
      const ended = (): void => this.#ended(link);
      // What the broker did not take is asked for again.
      link.publish(topic, bytes, { qos: 1 }).then(ended, ended);
    }
  }

  #ended(link: Link): void {
    // One of an earlier link counts no more.
    if (this.#link !== link) return;
    this.#unacknowledged -= 1;
    this.#sendMore(link);
  }
}
