import type { Clock } from '../../clock/index.ts';
import {
  type Composer,
  type EvidenceSink,
  type Link,
  PumprangeError,
  parseTopic,
} from '../../protocol/index.ts';

/** Pumps refuse a longer message without reading it. */
const LARGEST_MESSAGE_BYTES = 64 * 1024;

export interface RetainedReleasesOptions {
  readonly clock: Clock;
  readonly composer: Composer;
  readonly evidence: EvidenceSink;
}

/** A release as it travels. */
interface EncodedRelease {
  readonly topic: string;
  readonly payload: string;
}

/** What is released now on one topic. */
interface Current extends EncodedRelease {
  readonly version: string;
  /** A broker has acknowledged it. */
  published: boolean;
}

/**
 * Sees that every broker has what is current on each topic: it is retained, and a broker that died has forgotten it. What is published
 * while there is no link goes out with the next one.
 */
export class RetainedReleases {
  readonly #options: RetainedReleasesOptions;
  readonly #current = new Map<string, Current>();
  #link: Link | undefined;

  constructor(options: RetainedReleasesOptions) {
    this.#options = options;
  }

  online(link: Link): void {
    this.#link = link;
    for (const current of this.#current.values()) this.#send(current);
  }

  offline(): void {
    this.#link = undefined;
  }

  /** It goes out with the next link. */
  keep(release: EncodedRelease, version: string): void {
    this.#current.set(release.topic, { ...release, version, published: false });
  }

  /** It goes out now, or with the next link. */
  publish(release: EncodedRelease, version: string): void {
    const current: Current = { ...release, version, published: false };
    this.#current.set(release.topic, current);
    this.#send(current);
  }

  #send(current: Current): void {
    this.#link?.publish(current.topic, current.payload, { qos: 1, retain: true }).then(
      () => this.#wasPublished(current),
      () => undefined, // the link is gone: it goes out with the next one
    );
  }

  #wasPublished(current: Current): void {
    if (current.published) return;
    current.published = true;
    this.#options.evidence({
      source: 'pump-server',
      event: 'release.published',
      outcome: 'observed',
      visibility: 'blue',
      deviceTimeMs: this.#options.clock.now(),
      subject: this.#options.composer.from,
      object: `${current.topic} ${current.version}`,
    });
  }
}

/**
 * A release as it travels.
 *
 * @throws PumprangeError `PR_RELEASE_INVALID` if the topic is none or the message is longer than a pump reads
 */
export function encodedRelease(topic: string, message: object): EncodedRelease {
  if (parseTopic(topic) === undefined) {
    throw new PumprangeError('PR_RELEASE_INVALID', `${topic} is not a topic`);
  }
  const payload = JSON.stringify(message);
  const bytes = Buffer.byteLength(payload);
  if (bytes <= LARGEST_MESSAGE_BYTES) return { topic, payload };
  throw new PumprangeError(
    'PR_RELEASE_INVALID',
    `the release has ${bytes} bytes, ${LARGEST_MESSAGE_BYTES} is the most; is the wave too long?`,
  );
}
