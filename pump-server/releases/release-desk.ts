import type { Clock, Settling } from '../../clock/index.ts';
import {
  type Composer,
  type EvidenceSink,
  type FirmwareReleaseMessage,
  type LibraryReleaseMessage,
  type Link,
  topicName,
} from '../../protocol/index.ts';
import type { Artifacts } from '../artifacts.ts';
import { buildFirmwareRelease, type FirmwareRelease } from './firmware-release.ts';
import { ReleaseLedger, type ReleaseRecord, type ReleaseTarget } from './ledger.ts';
import { buildLibraryRelease, type LibraryRelease } from './library-release.ts';
import { encodedRelease } from './sign-release.ts';

export interface ReleaseDeskOptions {
  readonly clock: Clock;
  readonly settling: Settling;
  readonly composer: Composer;
  readonly artifacts: Artifacts;
  readonly evidence: EvidenceSink;
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
 * Makes releases, remembers them, and sees that every broker has those that are current: they are retained, and a broker that died
 * has forgotten them. A release that is made while there is no link goes out with the next one.
 */
export class ReleaseDesk {
  readonly ledger = new ReleaseLedger();
  readonly #options: ReleaseDeskOptions;
  readonly #current = new Map<string, Current>();
  #link: Link | undefined;
  #last: Promise<unknown> = Promise.resolve();

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
  async releaseLibrary(release: LibraryRelease): Promise<LibraryReleaseMessage> {
    const { composer, artifacts, settling } = this.#options;
    const target = { careArea: release.careArea };
    const numbered = { ...release, sequence: this.#sequence(target, release.sequence) };
    return this.#inTurn(async () => {
      const message = await buildLibraryRelease(numbered, composer, artifacts, settling);
      const topic = topicName({ kind: 'library-release', careArea: release.careArea });
      this.#release(topic, target, release.version, message);
      return message;
    });
  }

  /** @throws PumprangeError `PR_RELEASE_INVALID`; then nothing is released */
  async releaseFirmware(release: FirmwareRelease): Promise<FirmwareReleaseMessage> {
    const { composer, artifacts, settling } = this.#options;
    const target = { model: release.model };
    const numbered = { ...release, sequence: this.#sequence(target, release.sequence) };
    return this.#inTurn(async () => {
      const message = await buildFirmwareRelease(numbered, composer, artifacts, settling);
      const topic = topicName({ kind: 'firmware-release', model: release.model });
      this.#release(topic, target, release.firmwareVersion, message);
      return message;
    });
  }

  #sequence(target: ReleaseTarget, given: number | undefined): number {
    if (given === undefined) return this.ledger.nextSequence(target);
    this.ledger.taken(target, given);
    return given;
  }

  /** One release after the other: one with fewer signatures must not overtake an earlier one and then be replaced by it. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work, work);
    this.#last = done;
    done.catch(() => undefined); // the caller hears of it
    return done;
  }

  #release(
    topic: string,
    target: ReleaseTarget,
    version: string,
    message: LibraryReleaseMessage | FirmwareReleaseMessage,
  ): void {
    const current: Current = { topic, payload: encodedRelease(topic, message), version, published: false };
    this.#current.set(topic, current);
    const { digest, sizeBytes, sequence } = message.body;
    const record: ReleaseRecord = {
      target,
      version,
      sequence,
      digest,
      sizeBytes,
      signatures: message.signatures?.length ?? 0,
      releasedAtMs: this.#options.clock.now(),
    };
    this.ledger.released(record);
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
