import type { Clock } from '../../clock/index.ts';
import {
  type Composer,
  type EvidenceSink,
  type FirmwareManifest,
  type FirmwareReleaseMessage,
  type IdentityUrn,
  type LibraryReleaseMessage,
  type Link,
  PumprangeError,
  type Serial,
  topicName,
} from '../../protocol/index.ts';
import type { Artifacts } from '../artifacts.ts';
import { digestOf } from '../digest.ts';
import type { Opening } from '../rollouts/windows.ts';
import type { SignedFirmware, SignedLibrary } from './flawed-release.ts';
import { ReleaseLedger } from './ledger.ts';
import { currentOf, type ReleaseStore, type StoredRelease, versionOf } from './release-store.ts';
import { encodedRelease, RetainedReleases } from './retained-releases.ts';

/** More than the envelope of a release and its window take. */
const MOST_SURROUNDINGS_BYTES = 1024;

export interface ReleaseDeskOptions {
  readonly clock: Clock;
  readonly composer: Composer;
  readonly artifacts: Artifacts;
  readonly evidence: EvidenceSink;
  readonly store: ReleaseStore;
}

/** How a release is published. */
export interface Publishing {
  /** A server that lies: what the manifest says of the content is not looked at. For rehearsals. */
  readonly unchecked?: boolean;
  /** Who transferred it. */
  readonly by?: IdentityUrn;
}

/**
 * Publishes what others made and signed, remembers it, and sees that every broker has those that are current: they are retained, and a broker that died
 * has forgotten them. A release that is made while there is no link goes out with the next one, and what was current when an earlier server
 * stopped is current still.
 */
export class ReleaseDesk {
  readonly ledger: ReleaseLedger;
  readonly #options: ReleaseDeskOptions;
  readonly #retained: RetainedReleases;

  /** @throws PumprangeError `PR_EVENT_STORE_INVALID` if the store has a release without its content */
  constructor(options: ReleaseDeskOptions) {
    this.#options = options;
    this.ledger = new ReleaseLedger(options.store);
    this.#retained = new RetainedReleases(options);
    for (const release of currentOf(options.store.releases())) {
      const { digest } = release.manifest;
      const content = options.store.content(digest);
      if (content === undefined) {
        throw new PumprangeError('PR_EVENT_STORE_INVALID', `the content ${digest} of a release is missing`);
      }
      const { topic, message } = this.#composed(release);
      const encoded = encodedRelease(topic, message);
      options.artifacts.keep(content, digest);
      this.#retained.keep(encoded, versionOf(release));
    }
  }

  online(link: Link): void {
    this.#retained.online(link);
  }

  offline(): void {
    this.#retained.offline();
  }

  /** What was released last for a care area. */
  currentLibrary(careArea: string): StoredRelease | undefined {
    return this.#options.store
      .releases()
      .findLast((release) => release.kind === 'library' && release.manifest.careArea === careArea);
  }

  /** @throws PumprangeError `PR_RELEASE_INVALID`, `PR_DISK`; then nothing is released */
  releaseLibrary({ manifest, contentBytes }: SignedLibrary, as: Publishing): LibraryReleaseMessage {
    const release = { ...this.#stamp(as), kind: 'library', manifest } as const;
    const { topic, message } = this.#composedLibrary(release);
    this.#release(release, topic, message, contentBytes, as);
    return message;
  }

  /** @throws PumprangeError `PR_RELEASE_INVALID`, `PR_DISK`; then nothing is released */
  releaseFirmware(
    { manifest, packageBytes }: SignedFirmware,
    as: Publishing & { readonly wave?: readonly string[] },
  ): FirmwareReleaseMessage {
    const release = { ...this.#stamp(as), kind: 'firmware', manifest, wave: as.wave } as const;
    const { topic, message } = this.#composedFirmware(release);
    this.#release(release, topic, message, packageBytes, as);
    return message;
  }

  /**
   * Keeps a package that pumps are to have later, and offers it to nobody. What is offered to them now stays.
   *
   * @throws PumprangeError `PR_RELEASE_INVALID`, `PR_DISK`; then nothing is kept
   */
  keepFirmware({ manifest, packageBytes }: SignedFirmware, as: Publishing): void {
    checkContent(manifest, packageBytes, as);
    const release = { ...this.#stamp(as), kind: 'firmware', manifest, wave: [] } as const;
    this.#options.store.add(release, packageBytes);
    this.#options.artifacts.keep(packageBytes, manifest.digest);
  }

  /**
   * Offers a package that is kept to some pumps of its model, and to no other any more. No release is made: a rollout says who is next.
   *
   * @throws PumprangeError `PR_RELEASE_INVALID`
   */
  offerFirmware(manifest: FirmwareManifest, wave: readonly Serial[], window: Opening | null): void {
    const { artifacts, composer, store } = this.#options;
    if (!artifacts.has(manifest.digest)) {
      const content = store.content(manifest.digest);
      if (content === undefined) {
        throw new PumprangeError('PR_RELEASE_INVALID', `the package ${manifest.digest} is not here`);
      }
      artifacts.keep(content, manifest.digest);
    }
    const topic = topicName({ kind: 'firmware-release', model: manifest.model });
    const message = composer.compose('firmware-release', {
      manifest,
      wave: [...wave],
      ...(window !== null && {
        window: {
          from: new Date(window.fromMs).toISOString(),
          until: new Date(window.untilMs).toISOString(),
        },
      }),
    });
    this.#retained.publish(encodedRelease(topic, message), manifest.firmwareVersion);
  }

  /**
   * Whether a wave fits into the message that offers it, beside a window and what else surrounds it.
   *
   * @throws PumprangeError `PR_RELEASE_INVALID`
   */
  checkWave(manifest: FirmwareManifest, wave: readonly Serial[]): void {
    const topic = topicName({ kind: 'firmware-release', model: manifest.model });
    encodedRelease(topic, { manifest, wave, surroundings: ' '.repeat(MOST_SURROUNDINGS_BYTES) });
  }

  /** Firmware of a model that was released or kept here, by version; the last one of that version. */
  firmware(model: string, version: string): FirmwareManifest | undefined {
    const found = this.#options.store
      .releases()
      .findLast(
        (release) =>
          release.kind === 'firmware' &&
          release.manifest.model === model &&
          release.manifest.firmwareVersion === version,
      );
    return found?.kind === 'firmware' ? found.manifest : undefined;
  }

  #stamp({ by }: Publishing): { readonly releasedAtMs: number; readonly releasedBy: IdentityUrn | null } {
    return { releasedAtMs: this.#options.clock.now(), releasedBy: by ?? null };
  }

  #composed(release: StoredRelease) {
    return release.kind === 'library' ? this.#composedLibrary(release) : this.#composedFirmware(release);
  }

  #composedLibrary({ manifest }: Extract<StoredRelease, { kind: 'library' }>) {
    const topic = topicName({ kind: 'library-release', careArea: manifest.careArea });
    return { topic, message: this.#options.composer.compose('library-release', { manifest }) };
  }

  #composedFirmware({ manifest, wave }: Extract<StoredRelease, { kind: 'firmware' }>) {
    const topic = topicName({ kind: 'firmware-release', model: manifest.model });
    const body = { manifest, ...(wave === undefined ? {} : { wave: [...wave] }) };
    return { topic, message: this.#options.composer.compose('firmware-release', body) };
  }

  #release(
    release: StoredRelease,
    topic: string,
    message: LibraryReleaseMessage | FirmwareReleaseMessage,
    bytes: Uint8Array,
    as: Publishing,
  ): void {
    checkContent(release.manifest, bytes, as);
    const { digest } = release.manifest;
    const encoded = encodedRelease(topic, message);
    // Stored first: what a pump may hear of is not forgotten.
    this.#options.store.add(release, bytes);
    this.#options.artifacts.keep(bytes, digest);
    this.#retained.publish(encoded, versionOf(release));
  }
}

/** @throws PumprangeError `PR_RELEASE_INVALID` */
function checkContent(
  { digest, sizeBytes }: { readonly digest: string; readonly sizeBytes: number },
  bytes: Uint8Array,
  { unchecked = false }: Publishing,
): void {
  if (unchecked || (digestOf(bytes) === digest && bytes.length === sizeBytes)) return;
  throw new PumprangeError('PR_RELEASE_INVALID', 'the content is not what the manifest names');
}
