import type { Clock } from '../clock/index.ts';
import {
  Composer,
  EVERY_ARTIFACT_REQUEST,
  type EvidenceEntry,
  type EvidenceSink,
  everyPump,
  type FirmwareReleaseMessage,
  type Identity,
  type LibraryReleaseMessage,
  type Link,
  pumpTopic,
  type Serial,
  topicName,
  urnOf,
} from '../protocol/index.ts';
import { Artifacts } from './artifacts.ts';
import type { Connect } from './connect.ts';
import { EventStore, type Gap } from './event-store/event-store.ts';
import { RecordIntake } from './event-store/record-intake.ts';
import { memoryRecords, type RecordStore, type StoredRecord } from './event-store/record-store.ts';
import { Inventory, type InventoryEntry } from './inventory.ts';
import type { SignedFirmware, SignedLibrary } from './releases/flawed-release.ts';
import type { ReleaseRecord, ReleaseTarget } from './releases/ledger.ts';
import { type Publishing, ReleaseDesk } from './releases/release-desk.ts';
import { type AuthorityToLeave, RenewalDesk } from './renewals/renewal-desk.ts';
import { readUplink, type Uplink } from './uplink.ts';

export interface PumpServerOptions {
  readonly clock: Clock;
  readonly identity: Identity;
  readonly bootId: string;
  readonly evidence: EvidenceSink;
  readonly connect: Connect;
  /** Where the pumps' logs are kept; in memory unless told. `stop` and `cut` close it. */
  readonly store?: RecordStore;
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
  readonly #desk: ReleaseDesk;
  readonly #renewals: RenewalDesk;
  #connection: ReturnType<Connect> | undefined;
  #link: Link | undefined;

  constructor(options: PumpServerOptions) {
    const { clock, evidence } = options;
    this.#options = options;
    this.#composer = new Composer(options.identity, options.bootId, () => clock.now());
    this.#events = new EventStore(options.store ?? memoryRecords());
    this.#records = new RecordIntake(this.#events, clock, (entry) => this.#tell(entry));
    this.#desk = new ReleaseDesk({
      clock,
      evidence,
      composer: this.#composer,
      artifacts: this.#artifacts,
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
    this.#connection ??= this.#options.connect({
      online: (link) => this.#cameOnline(link),
      offline: () => this.#wentOffline(),
      message: (topic, payload, retained) => this.#received(topic, payload, retained),
    });
  }

  /** Says goodbye, and stops. */
  stop(): void {
    this.#connection?.end();
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
    return this.#desk.releaseFirmware(release, as);
  }

  /** Tells those of these pumps that have to leave an authority to renew; who is away is told when it comes. */
  announceRenewals(serials: readonly Serial[]): void {
    this.#renewals.announce(serials);
  }

  #halt(): void {
    this.#wentOffline();
    this.#records.stop();
    this.#events.close();
  }

  #cameOnline(link: Link): void {
    this.#link = link;
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
    this.#desk.online(link);
    this.#renewals.online(link);
  }

  #wentOffline(): void {
    this.#link = undefined;
    this.#desk.offline();
    this.#renewals.offline();
  }

  #received(name: string, payload: Buffer, retained: boolean): void {
    const uplink = readUplink(name, payload);
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
          this.#receipt(serial, this.#records.giveUp(serial, stream, seq));
        }
        return;
      case 'state':
        this.#inventory.hear({ ...uplink, retained, atMs: this.#options.clock.now() });
        // Also a retained one, so that a server that was away catches up.
        if (uplink.message.type === 'status' && uplink.message.body.link === 'online') {
          this.#renewals.announce([uplink.serial]);
        }
        return;
      case 'record':
        return this.#receipt(uplink.serial, this.#records.take(uplink.serial, uplink.message));
      case 'artifact-request':
        return this.#serve(name, uplink);
      case 'ack':
        return; // commands are others' business; that the acknowledgement is the pump's own is checked
    }
  }

  #receipt(serial: Serial, upToSeq: number | null): void {
    if (upToSeq === null) return;
    const to = urnOf({ kind: 'pump', id: serial });
    const receipt = this.#composer.compose('receipt', { upToSeq }, { to });
    this.#publish(pumpTopic(serial, 'receipt'), JSON.stringify(receipt));
  }

  #serve(name: string, request: Extract<Uplink, { kind: 'artifact-request' }>): void {
    const { serial, digest, message } = request;
    const { offset, length } = message.body;
    const chunk = this.#artifacts.chunk(digest, offset, length);
    if (chunk.found) {
      return this.#publish(topicName({ kind: 'artifact-chunk', digest, serial, offset }), chunk.bytes);
    }
    this.#tell({
      event: 'artifact.request-ignored',
      outcome: 'denied',
      subject: message.from,
      object: name,
      cause: chunk.cause,
    });
  }

  /** What a link that closes did not take is asked for again: by the next record, or by the pump. */
  #publish(topic: string, payload: string | Uint8Array): void {
    this.#link?.publish(topic, payload, { qos: 1 }).catch(() => undefined);
  }

  #tell(entry: Omit<EvidenceEntry, 'source' | 'visibility'>): void {
    const { clock, evidence } = this.#options;
    evidence({ ...entry, source: 'pump-server', visibility: 'blue', deviceTimeMs: clock.now() });
  }
}
