import type { Clock } from '../clock/index.ts';
import type { RolloutPlan } from '../protocol/index.ts';
import {
  type BelieveUplink,
  type CertificateJudge,
  Composer,
  EVERY_ARTIFACT_REQUEST,
  type EvidenceEntry,
  type EvidenceSink,
  everyPump,
  type FirmwareReleaseMessage,
  type Identity,
  type IdentityUrn,
  type LibraryManifest,
  type LibraryReleaseMessage,
  type Link,
  pumpTopic,
  type Serial,
  urnOf,
} from '../protocol/index.ts';
import { AdoptionRegister } from './adoption/adoption-register.ts';
import { type AdoptionReport, adoptionReport } from './adoption/report.ts';
import { Artifacts } from './artifacts.ts';
import type { Connect } from './connect.ts';
import { checkDocument } from './documents/checked-document.ts';
import { DocumentDesk } from './documents/document-desk.ts';
import { careAreasOf, type DocumentKind, type SignedDocument } from './documents/document-store.ts';
import { EventStore, type Gap } from './event-store/event-store.ts';
import { noteworthy } from './event-store/noteworthy.ts';
import { RecordIntake, reasonOf } from './event-store/record-intake.ts';
import type { RecordStore, StoredRecord } from './event-store/record-store.ts';
import { Inventory, type InventoryEntry } from './inventory.ts';
import { OutgoingChunks } from './outgoing-chunks.ts';
import { checkApproved } from './releases/approved-library.ts';
import type { SignedFirmware, SignedLibrary } from './releases/flawed-release.ts';
import type { ReleaseRecord } from './releases/ledger.ts';
import { type Publishing, ReleaseDesk } from './releases/release-desk.ts';
import type { ReleaseTarget, StoredRelease } from './releases/release-store.ts';
import { type AuthorityToLeave, RenewalDesk } from './renewals/renewal-desk.ts';
import { knownOf } from './rollouts/known-pumps.ts';
import type { Rollout } from './rollouts/rollout.ts';
import { RolloutDesk, type RolloutOrder } from './rollouts/rollout-desk.ts';
import { DurableReceipts } from './store/durable-receipts.ts';
import { memoryStore, type ServerStore } from './store/server-store.ts';
import { readUplink, type Uplink } from './uplink.ts';

export interface PumpServerOptions {
  readonly clock: Clock;
  readonly identity: Identity;
  readonly bootId: string;
  readonly evidence: EvidenceSink;
  readonly connect: Connect;
  /** What outlives the server; in memory unless told. `stop` and `cut` close it. */
  readonly store?: ServerStore;
  /**
   * Runs work when what has come by now is dealt with, so that it goes to the disk together. Unless told, each record goes alone and at
   * once.
   */
  readonly afterTurn?: (work: () => void) => void;
  /** Whether what a pump is said to have said is taken; everything is unless told. */
  readonly believes?: BelieveUplink | undefined;
  /** Which authority a pump is to leave now; none unless told. */
  readonly toLeave?: AuthorityToLeave;
}

/** What the server listens to, each with the quality of service that it is worth. */
const SUBSCRIPTIONS: readonly (readonly [filter: string, qos: 0 | 1])[] = [
  [everyPump('status'), 1],
  [everyPump('telemetry'), 0],
  [everyPump('alarm'), 1],
  [everyPump('event'), 1],
  [everyPump('ack'), 1],
  [EVERY_ARTIFACT_REQUEST, 1],
];

/**
 * The hospital's side of the pumps: who is there, what they logged, and the libraries and firmware that are released to them.
 * What it says proves nothing by itself; pumps judge the signatures of people and vendors.
 */
export class PumpServer {
  readonly #options: PumpServerOptions;
  readonly #composer: Composer;
  readonly #events: EventStore;
  readonly #records: RecordIntake;
  readonly #inventory = new Inventory();
  readonly #artifacts = new Artifacts();
  readonly #chunks = new OutgoingChunks();
  readonly #desk: ReleaseDesk;
  readonly #documents: DocumentDesk;
  readonly #renewals: RenewalDesk;
  readonly #store: ServerStore;
  readonly #adoption: AdoptionRegister;
  readonly #receipts: DurableReceipts;
  readonly #rollouts: RolloutDesk;
  #connection: ReturnType<Connect> | undefined;
  #link: Link | undefined;

  constructor(options: PumpServerOptions) {
    const { clock, evidence } = options;
    this.#options = options;
    this.#composer = new Composer(options.identity, options.bootId, () => clock.now());
    this.#store = options.store ?? memoryStore();
    this.#receipts = new DurableReceipts({
      store: this.#store,
      clock,
      afterTurn: options.afterTurn,
      send: (serial, upToSeq) => this.#sendReceipt(serial, upToSeq),
      failed: (cause) => this.#tell({ event: 'log.not-stored', outcome: 'observed', cause: reasonOf(cause) }),
    });
    this.#adoption = new AdoptionRegister(this.#store.adoption);
    this.#events = new EventStore(this.#observed(this.#store.records));
    this.#records = new RecordIntake(this.#events, clock, (entry) => this.#tell(entry));
    this.#desk = new ReleaseDesk({
      clock,
      evidence,
      composer: this.#composer,
      artifacts: this.#artifacts,
      store: this.#store.releases,
    });
    this.#rollouts = new RolloutDesk({
      clock,
      store: this.#store.rollouts,
      tell: (entry) => this.#tell(entry),
      publish: (manifest, wave, window) => this.#desk.offerFirmware(manifest, wave, window),
    });
    this.#documents = new DocumentDesk({
      clock,
      evidence,
      composer: this.#composer,
      store: this.#store.documents,
    });
    this.#renewals = new RenewalDesk({
      clock,
      evidence,
      composer: this.#composer,
      toLeave: options.toLeave ?? (() => undefined),
    });
  }

  /** Begins to connect. */
  start(): void {
    // Before there is a link, so that nobody hears what held before.
    this.#rollouts.start();
    this.#connection ??= this.#options.connect({
      online: (link) => this.#cameOnline(link),
      offline: () => this.#wentOffline(),
      message: (topic, payload, retained) => this.#received(topic, payload, retained),
    });
  }

  /** Says goodbye, and stops. */
  stop(): void {
    this.#connection?.end();
    // No receipt goes out any more, and pumps send again what has none; but what is here need not be lost.
    this.#receipts.flush();
    this.#halt();
  }

  /** Stops as if the power went. */
  cut(): void {
    this.#connection?.cut();
    this.#halt();
  }

  /** The logs of all pumps, in the order in which they were stored. */
  stored(): readonly StoredRecord[] {
    return this.#events.stored();
  }

  /** Records that came again and were not stored again. */
  get duplicates(): number {
    return this.#events.duplicates;
  }

  /** What is missing in the pumps' logs, while later records wait for it. */
  gaps(): readonly Gap[] {
    return this.#events.gaps();
  }

  inventory(): readonly InventoryEntry[] {
    return this.#inventory.entries();
  }

  /** All releases of this server, in the order in which they were made. */
  ledger(): readonly ReleaseRecord[] {
    return this.#desk.ledger.records();
  }

  /** Takes the next free sequence number for a care area or a model, at least `least`. */
  nextSequence(target: ReleaseTarget, least = 1): number {
    return this.#desk.ledger.nextSequence(target, least);
  }

  /**
   * Publishes a library that pharmacists signed; with a link it is on its way then, and the evidence says when a broker has it.
   *
   * @throws PumprangeError `PR_RELEASE_INVALID`; then nothing is released
   */
  releaseLibrary(release: SignedLibrary, as: Publishing = {}): LibraryReleaseMessage {
    return this.#desk.releaseLibrary(release, as);
  }

  /** Publishes a firmware package to its model, or to a wave of it, as `releaseLibrary` does a library. */
  releaseFirmware(
    release: SignedFirmware,
    as: Publishing & { readonly wave?: readonly string[] } = {},
  ): FirmwareReleaseMessage {
    this.#rollouts.supersede(release.manifest.model);
    return this.#desk.releaseFirmware(release, as);
  }

  /**
   * Begins a rollout: the pumps of its waves are offered the update as the gates let it.
   *
   * @param previous what is offered when it is backed out; absent: what was released here of the version that the plan names for that
   * @throws PumprangeError `PR_ROLLOUT_INVALID`, `PR_RELEASE_INVALID`, `PR_DISK`; then nothing has begun
   */
  beginRollout(
    plan: RolloutPlan,
    {
      update,
      previous,
      ...as
    }: Publishing & { readonly update: SignedFirmware; readonly previous?: SignedFirmware },
  ): Rollout {
    const known = knownOf(plan, this.#inventory.entries(), this.#store.adoption.pumps());
    const before =
      previous?.manifest ??
      (plan.backOutTo === undefined ? undefined : this.#desk.firmware(plan.model, plan.backOutTo));
    const serials = this.#rollouts.checkBegin(plan, known, update.manifest, before ?? null);
    // All of them at the end of it: what cannot be said then is not begun.
    for (const manifest of [update.manifest, before]) {
      if (manifest !== undefined) this.#desk.checkWave(manifest, serials);
    }
    if (previous !== undefined) this.#desk.keepFirmware(previous, as);
    this.#desk.keepFirmware(update, as);
    return this.#rollouts.begin(plan, known, update.manifest, before ?? null);
  }

  /** Whether no rollout is under way that says who may have firmware of a model. @throws PumprangeError `PR_ROLLOUT_INVALID` */
  checkNoRollout(model: string): void {
    this.#rollouts.checkFree(model);
  }

  /** @throws PumprangeError `PR_ROLLOUT_INVALID`, `PR_DISK`; then nothing has changed */
  orderRollout(id: string, order: RolloutOrder, by: string): Rollout {
    return this.#rollouts.order(id, order, by);
  }

  /** All rollouts, in the order in which they began. */
  rollouts(): readonly Rollout[] {
    return this.#rollouts.rollouts();
  }

  /** Tells those of these pumps that have to leave an authority to renew; who is away is told when it comes. */
  announceRenewals(serials: readonly Serial[]): void {
    this.#renewals.announce(serials);
  }

  /**
   * Publishes a library as `releaseLibrary` does, if two different pharmacists signed exactly this, and it goes on from what is current.
   * Pumps judge it all again.
   *
   * @param by who transferred it
   * @throws PumprangeError `PR_RELEASE_NOT_APPROVED`, `PR_RELEASE_OUTDATED`, `PR_RELEASE_INVALID`, `PR_LIBRARY_INVALID`, `PR_DISK`; then
   *   nothing is released
   */
  releaseApprovedLibrary(release: SignedLibrary, judge: CertificateJudge, by?: IdentityUrn): void {
    const { careArea } = release.manifest;
    checkApproved(release, judge, this.#options.clock.now(), this.#desk.currentLibrary(careArea)?.manifest);
    this.#desk.releaseLibrary(release, by === undefined ? {} : { by });
  }

  /** The manifest of what is released for a care area now. */
  currentLibrary(careArea: string): LibraryManifest | undefined {
    const release: StoredRelease | undefined = this.#desk.currentLibrary(careArea);
    return release?.kind === 'library' ? release.manifest : undefined;
  }

  /**
   * Publishes a document as it is: a server that lies, for rehearsals.
   *
   * @throws PumprangeError `PR_RELEASE_INVALID`, `PR_DISK`; then nothing is released
   */
  releaseDocument(document: SignedDocument): void {
    this.#documents.release(document, null);
  }

  /**
   * Publishes a document that says all itself, if those who have to signed it, and it goes on from what is current. Pumps judge it all again.
   *
   * @param by who transferred it
   * @throws PumprangeError `PR_RELEASE_NOT_APPROVED`, `PR_RELEASE_OUTDATED`, `PR_RELEASE_INVALID`, `PR_DISK`; then nothing is released
   */
  releaseApprovedDocument(document: SignedDocument, judge: CertificateJudge, by: IdentityUrn): void {
    const current = careAreasOf(document).flatMap(
      (careArea) => this.#documents.current(document.document, careArea) ?? [],
    );
    checkDocument(document, judge, this.#options.clock.now(), current);
    this.#documents.release(document, by);
  }

  /** What is released of a kind for a care area now. */
  currentDocument(kind: DocumentKind, careArea: string): SignedDocument | undefined {
    return this.#documents.current(kind, careArea);
  }

  /** Which pump has which library, against what is released now. */
  adoption(): AdoptionReport {
    const nowMs = this.#options.clock.now();
    return adoptionReport(this.#adoption, this.#store.releases.releases(), { source: 'server', nowMs });
  }

  #halt(): void {
    this.#wentOffline();
    this.#records.stop();
    this.#rollouts.stop();
    this.#receipts.halt();
    this.#store.close();
  }

  /** The records that are stored, whichever way they came to it, say what became of libraries. */
  #observed(records: RecordStore): RecordStore {
    return {
      ...records,
      append: (record) => {
        records.append(record);
        try {
          this.#adoption.stored(record);
        } catch (cause) {
          // The record itself is taken. The status of its pump says the same, but for the time.
          this.#receipts.fail(cause);
        }
        this.#rollouts.heardRecord(record.serial, record.message);
        const { serial, message } = record;
        const told = message.type === 'event' ? noteworthy(serial, message.body) : undefined;
        if (told !== undefined) this.#tell(told);
      },
    };
  }

  #cameOnline(link: Link): void {
    this.#link = link;
    this.#chunks.online(link);
    for (const [filter, qos] of SUBSCRIPTIONS) {
      link.subscribe(filter, qos).then(
        (granted) => {
          // A subscription that ends with its link is no refusal.
          if (granted || this.#link !== link) return;
          this.#tell({ event: 'subscription.refused', outcome: 'denied', object: filter });
        },
        () => undefined,
      );
    }
    this.#documents.online(link);
    this.#desk.online(link);
    this.#renewals.online(link);
  }

  #wentOffline(): void {
    this.#link = undefined;
    this.#chunks.offline();
    this.#documents.offline();
    this.#desk.offline();
    this.#renewals.offline();
  }

  #received(name: string, payload: Buffer, retained: boolean): void {
    const uplink = readUplink(name, payload);
    if ('serial' in uplink && uplink.kind !== 'artifact-request') {
      const { believes } = this.#options;
      if (believes?.(name, uplink.serial, uplink.message) === false) return;
    }
    switch (uplink.kind) {
      case 'malformed':
      case 'misattributed':
        this.#tell({
          event: `message.${uplink.kind}`,
          outcome: 'denied',
          subject: uplink.from,
          object: name,
          cause: uplink.cause,
        });
        if (uplink.unreadable !== undefined) {
          const { serial, stream, seq } = uplink.unreadable;
          this.#receipts.due(serial, this.#records.giveUp(serial, stream, seq));
        }
        return;
      case 'state':
        return this.#heard(uplink, retained);
      case 'record':
        return this.#receipts.due(uplink.serial, this.#records.take(uplink.serial, uplink.message));
      case 'artifact-request':
        return this.#serve(name, uplink);
      case 'ack':
        return; // commands are others' business; that the acknowledgement is the pump's own is checked
    }
  }

  #heard({ serial, message }: Extract<Uplink, { kind: 'state' }>, retained: boolean): void {
    const atMs = this.#options.clock.now();
    this.#inventory.hear({ serial, message, retained, atMs });
    if (message.type !== 'status') return;
    // Also a retained one, so that a server that was away catches up.
    if (message.body.link === 'online') this.#renewals.announce([serial]);
    this.#rollouts.heardStatus(serial, message);
    try {
      this.#adoption.heard(serial, message, retained ? Date.parse(message.time) : atMs);
      this.#receipts.due(serial, null);
    } catch (cause) {
      this.#receipts.fail(cause);
    }
  }

  #sendReceipt(serial: Serial, upToSeq: number): void {
    const to = urnOf({ kind: 'pump', id: serial });
    const receipt = this.#composer.compose('receipt', { upToSeq }, { to });
    this.#publish(pumpTopic(serial, 'receipt'), JSON.stringify(receipt));
  }

  #serve(name: string, request: Extract<Uplink, { kind: 'artifact-request' }>): void {
    const { serial, digest, message } = request;
    const { offset, length } = message.body;
    const chunk = this.#artifacts.chunk(digest, offset, length);
    if (chunk.found) return this.#chunks.send({ digest, serial, offset, bytes: chunk.bytes });
    this.#tell({
      event: 'artifact.request-ignored',
      outcome: 'denied',
      subject: message.from,
      object: name,
      cause: chunk.cause,
    });
  }

  /** What a link that closes did not take is sent again: with the next record. */
  #publish(topic: string, payload: string): void {
    this.#link?.publish(topic, payload, { qos: 1 }).catch(() => undefined);
  }

  #tell(entry: Omit<EvidenceEntry, 'source' | 'visibility'>): void {
    const { clock, evidence } = this.#options;
    evidence({ ...entry, source: 'pump-server', visibility: 'blue', deviceTimeMs: clock.now() });
  }
}
