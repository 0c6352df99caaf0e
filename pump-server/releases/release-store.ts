import type { FirmwareManifest, IdentityUrn, LibraryManifest } from '../../protocol/index.ts';

/** For whom a release is: the pumps of a care area, or those of a model. */
export type ReleaseTarget = { readonly careArea: string } | { readonly model: string };

/** A release as it was made: what people signed, and what the server decided itself. */
export type StoredRelease = {
  readonly releasedAtMs: number;
  /** Who transferred it to the server; `null` where nobody says so, as in a rehearsal. */
  readonly releasedBy: IdentityUrn | null;
} & (
  | { readonly kind: 'library'; readonly manifest: LibraryManifest }
  | {
      readonly kind: 'firmware';
      readonly manifest: FirmwareManifest;
      readonly wave?: readonly string[] | undefined;
    }
);

/** Where releases stay. */
export interface ReleaseStore {
  /** All of them, in the order in which they were made; the last one for a target is current. */
  releases(): readonly StoredRelease[];
  /** What is stored under the digest that a manifest names. */
  content(digest: string): Uint8Array | undefined;
  /** The highest sequence number that is taken; 0: none is. */
  highestSequence(target: ReleaseTarget): number;
  /** Release, content and number are durable when this returns. @throws PumprangeError `PR_DISK`; then nothing is stored */
  add(release: StoredRelease, content: Uint8Array): void;
  /** The number is taken, durably. @throws PumprangeError `PR_DISK` */
  take(target: ReleaseTarget, sequence: number): void;
}

export function targetOf(release: StoredRelease): ReleaseTarget {
  return release.kind === 'library'
    ? { careArea: release.manifest.careArea }
    : { model: release.manifest.model };
}

export function versionOf(release: StoredRelease): string {
  return release.kind === 'library' ? release.manifest.libraryVersion : release.manifest.firmwareVersion;
}

/** The kind of a target, and its name. */
export function keyOf(target: ReleaseTarget): readonly [kind: StoredRelease['kind'], target: string] {
  return 'careArea' in target ? ['library', target.careArea] : ['firmware', target.model];
}

/** The last release of each target. What is only kept for a rollout is offered to nobody, and takes the place of nothing. */
export function currentOf(releases: readonly StoredRelease[]): readonly StoredRelease[] {
  const offered = releases.filter((release) => release.kind === 'library' || release.wave?.length !== 0);
  const current = new Map(offered.map((release) => [keyOf(targetOf(release)).join(' '), release]));
  return [...current.values()];
}

/** It forgets with the process. */
export function memoryReleases(): ReleaseStore {
  const releases: StoredRelease[] = [];
  const contents = new Map<string, Uint8Array>();
  const highest = new Map<string, number>();
  const take = (target: ReleaseTarget, sequence: number): void => {
    const key = keyOf(target).join(' ');
    highest.set(key, Math.max(sequence, highest.get(key) ?? 0));
  };
  return {
    releases: () => releases,
    content: (digest) => contents.get(digest),
    highestSequence: (target) => highest.get(keyOf(target).join(' ')) ?? 0,
    add(release, content) {
      releases.push(release);
      contents.set(release.manifest.digest, content);
      take(targetOf(release), release.manifest.sequence);
    },
    take,
  };
}
