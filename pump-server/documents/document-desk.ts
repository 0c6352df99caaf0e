import { type Composer, type IdentityUrn, type Link, type Topic, topicName } from '../../protocol/index.ts';
import {
  encodedRelease,
  RetainedReleases,
  type RetainedReleasesOptions,
} from '../releases/retained-releases.ts';
import {
  careAreasOf,
  type DocumentKind,
  type DocumentStore,
  documentVersionOf,
  type SignedDocument,
} from './document-store.ts';

export interface DocumentDeskOptions extends RetainedReleasesOptions {
  readonly store: DocumentStore;
}

/** Publishes ceilings and device configurations as people signed them, each on the topics of its care areas, and remembers them. */
export class DocumentDesk {
  readonly #options: DocumentDeskOptions;
  readonly #retained: RetainedReleases;

  constructor(options: DocumentDeskOptions) {
    this.#options = options;
    this.#retained = new RetainedReleases(options);
    for (const { document } of options.store.documents()) {
      for (const encoded of this.#encoded(document)) {
        this.#retained.keep(encoded, documentVersionOf(document));
      }
    }
  }

  online(link: Link): void {
    this.#retained.online(link);
  }

  offline(): void {
    this.#retained.offline();
  }

  /** What was released last of a kind for a care area. */
  current(kind: DocumentKind, careArea: string): SignedDocument | undefined {
    return this.#options.store
      .documents()
      .findLast(({ document }) => document.document === kind && careAreasOf(document).includes(careArea))
      ?.document;
  }

  /**
   * @param by who transferred it
   * @throws PumprangeError `PR_RELEASE_INVALID`, `PR_DISK`; then nothing is released
   */
  release(document: SignedDocument, by: IdentityUrn | null): void {
    const { store, clock } = this.#options;
    const encoded = this.#encoded(document);
    // Stored first: what a pump may hear of is not forgotten.
    store.add({ document, releasedAtMs: clock.now(), releasedBy: by });
    for (const one of encoded) this.#retained.publish(one, documentVersionOf(document));
  }

  #encoded(document: SignedDocument) {
    return careAreasOf(document).map((careArea) =>
      encodedRelease(topicName(topicOf(document, careArea)), messageOf(this.#options.composer, document)),
    );
  }
}

function topicOf(document: SignedDocument, careArea: string): Topic {
  switch (document.document) {
    case 'library-ceiling':
      return { kind: 'ceiling-release', careArea };
    case 'device-configuration':
      return { kind: 'configuration-release', careArea };
  }
}

function messageOf(composer: Composer, document: SignedDocument): object {
  switch (document.document) {
    case 'library-ceiling':
      return composer.compose('ceiling-release', { ceiling: document });
    case 'device-configuration':
      return composer.compose('configuration-release', { configuration: document });
  }
}
