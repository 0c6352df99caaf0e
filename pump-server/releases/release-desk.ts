import type { Clock } from '../../clock/index.ts';
import {
  type Composer,
  type EvidenceSink,
  type FirmwareReleaseMessage,
  type LibraryReleaseMessage,
  type Link,
  PumprangeError,
  parseTopic,
  topicName,
} from '../../protocol/index.ts';
import type { Artifacts } from '../artifacts.ts';
import { digestOf } from '../digest.ts';
import type { SignedFirmware, SignedLibrary } from './flawed-release.ts';
import { ReleaseLedger, type ReleaseTarget } from './ledger.ts';

/** Pumps refuse a longer message without reading it. */
const LARGEST_MESSAGE_BYTES = 64 * 1024;

export interface ReleaseDeskOptions {
  readonly clock: Clock;
  readonly composer: Composer;
  readonly artifacts: Artifacts;
  readonly evidence: EvidenceSink;
}

/** How a release is published. */
export interface Publishing {
  /** A server that lies: what the manifest says of the content is not looked at. For rehearsals. */
  readonly unchecked?: boolean;
}

interface Release {
  readonly topic: string;
  readonly target: ReleaseTarget;
  readonly version: string;
  readonly message: LibraryReleaseMessage | FirmwareReleaseMessage;
  readonly bytes: Uint8Array;
}

/** What is released now on one topic. */
interface Current {
  readonly topic: string;
  readonly payload: string;
  readonly version: string;
  /** A broker has acknowledged it. */
  published: boolean;
}

/**
 * Publishes what others made and signed, remembers it, and sees that every broker has those that are current: they are retained, and a broker that died
 * has forgotten them. A release that is made while there is no link goes out with the next one.
 */
export class ReleaseDesk {
  readonly ledger = new ReleaseLedger();
  readonly #options: ReleaseDeskOptions;
  readonly #current = new Map<string, Current>();
  #link: Link | undefined;

  constructor(options: ReleaseDeskOptions) {
    this.#options = options;
  }

  online(link: Link): void {
    this.#link = link;
    for (const current of this.#current.values()) this.#publish(current);
  }

  offline(): void {
    this.#link = undefined;
  }

  /** @throws PumprangeError `PR_RELEASE_INVALID`; then nothing is released */
  releaseLibrary({ manifest, contentBytes }: SignedLibrary, as: Publishing): LibraryReleaseMessage {
    const { composer } = this.#options;
    const message = composer.compose('library-release', { manifest });
    const { careArea, libraryVersion: version } = manifest;
    const topic = topicName({ kind: 'library-release', careArea });
    this.#release({ topic, target: { careArea }, version, message, bytes: contentBytes }, as);
    return message;
  }

  /** @throws PumprangeError `PR_RELEASE_INVALID`; then nothing is released */
  releaseFirmware(
    { manifest, packageBytes }: SignedFirmware,
    as: Publishing & { readonly wave?: readonly string[] },
  ): FirmwareReleaseMessage {
    const { composer } = this.#options;
    const { wave } = as;
    const message = composer.compose('firmware-release', {
      manifest,
      ...(wave === undefined ? {} : { wave: [...wave] }),
    });
    const { model, firmwareVersion: version } = manifest;
    const topic = topicName({ kind: 'firmware-release', model });
    this.#release({ topic, target: { model }, version, message, bytes: packageBytes }, as);
    return message;
  }

  #release({ topic, target, version, message, bytes }: Release, { unchecked = false }: Publishing): void {
    const { digest, sizeBytes, sequence, signatures = [] } = message.body.manifest;
    if (!unchecked && (digestOf(bytes) !== digest || bytes.length !== sizeBytes)) {
      throw new PumprangeError('PR_RELEASE_INVALID', 'the content is not what the manifest names');
    }
    const current: Current = { topic, payload: encodedRelease(topic, message), version, published: false };
    this.#options.artifacts.keep(bytes, digest);
    this.#current.set(topic, current);
    this.ledger.taken(target, sequence);
    this.ledger.released({
      target,
      version,
      sequence,
      digest,
      sizeBytes,
      signatures: signatures.length,
      releasedAtMs: this.#options.clock.now(),
    });
    this.#publish(current);
  }

  #publish(current: Current): void {
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
function encodedRelease(topic: string, message: object): string {
  if (parseTopic(topic) === undefined) {
    throw new PumprangeError('PR_RELEASE_INVALID', `${topic} is not a topic`);
  }
  const payload = JSON.stringify(message);
  const bytes = Buffer.byteLength(payload);
  if (bytes <= LARGEST_MESSAGE_BYTES) return payload;
  throw new PumprangeError(
    'PR_RELEASE_INVALID',
    `the release has ${bytes} bytes, ${LARGEST_MESSAGE_BYTES} is the most; is the wave too long?`,
  );
}
