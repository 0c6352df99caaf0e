import type { Clock } from '../../clock/index.ts';
import {
  type CertificateJudge,
  type CertificateUse,
  type Composer,
  type ControlId,
  type EvidenceSink,
  type FirmwareManifest,
  firmwareReleaseMessage,
  type Identity,
  type LibraryCeiling,
  type LibraryManifest,
  type Link,
  libraryReleaseMessage,
  parseMessage,
  shortText,
  urnOf,
  verifySignatures,
} from '../../protocol/index.ts';
import { acceptLibrary, type OfferedLibrary, refuseLibraryManifest } from '../drug-library/index.ts';
import { acceptFirmware, type OfferedFirmware, refuseFirmwareManifest } from '../firmware/index.ts';
import type { ApplyWindow, Pump } from '../pump/index.ts';
import { ArtifactFetch } from './artifact-fetch.ts';

type What = 'library' | 'firmware';

export interface ReleaseIntakeOptions {
  readonly pump: Pump;
  readonly clock: Clock;
  readonly composer: Composer;
  readonly judge: CertificateJudge;
  readonly controls: ReadonlySet<ControlId>;
  readonly evidence: EvidenceSink;
  /** What stands above every library, now. */
  readonly ceiling: () => LibraryCeiling | null;
}

/**
 * Takes releases of drug libraries and firmware: notices what is new for this pump, fetches it, has it judged, and hands it to
 * the pump. What is refused changes nothing; the log, the evidence and the display say why.
 */
export class ReleaseIntake {
  readonly #options: ReleaseIntakeOptions;
  /** The last release of each kind that was dealt with: a broker sends a retained one at every connection. */
  readonly #seen = new Map<What, string>();
  /** That release, where it did not fit and no control refused it. */
  readonly #unfit = new Map<What, Buffer>();
  readonly #fetches = new Map<What, ArtifactFetch>();
  /** When what the server offers last may be applied; `null`: at any time. */
  #applyWindow: ApplyWindow | null = null;
  #link: Link | undefined;
  /** The last release of a library, if the ceiling was what spoke against it. */
  #ruledOut: Buffer | undefined;

  constructor(options: ReleaseIntakeOptions) {
    this.#options = options;
  }

  online(link: Link): void {
    this.#link = link;
    for (const fetch of this.#fetches.values()) fetch.online(link);
  }

  offline(): void {
    this.#link = undefined;
    for (const fetch of this.#fetches.values()) fetch.offline();
  }

  chunk(digest: string, offset: number, bytes: Buffer): void {
    for (const fetch of this.#fetches.values()) if (fetch.digest === digest) fetch.chunk(offset, bytes);
  }

  /** There is another ceiling: what the one before refused may pass now. */
  ceilingChanged(): void {
    const payload = this.#ruledOut;
    if (payload === undefined) return;
    this.#seen.delete('library');
    this.library(payload);
  }

  /** Another firmware runs: what the one before could not take may fit now. The broker sends nothing again of itself. */
  firmwareChanged(): void {
    const unfit = [...this.#unfit];
    this.#unfit.clear();
    for (const [what, payload] of unfit) this[what](payload);
  }

  library(payload: Buffer): void {
    if (this.#isKnown('library', payload)) return;
    this.#ruledOut = undefined;
    const parsed = parseMessage(libraryReleaseMessage, payload);
    if (!parsed.ok) return this.#refuse('library', 'unknown', null, parsed.reason);
    const { manifest } = parsed.message.body;
    const { inUse, pending } = this.#options.pump.libraries;
    const newest = pending ?? inUse;
    if (newest?.sequence === manifest.sequence && newest.version === manifest.libraryVersion) return;
    // What its manifest rules out is not fetched at all.
    const refused = refuseLibraryManifest(this.#offered(manifest));
    if (refused !== undefined) {
      return this.#refuse('library', manifest.libraryVersion, refused.control, refused.reason);
    }
    this.#fetch('library', manifest.libraryVersion, manifest, (bytes) =>
      this.#judgeLibrary(manifest, bytes, payload),
    );
  }

  firmware(payload: Buffer): void {
    if (this.#isKnown('firmware', payload)) return;
    const parsed = parseMessage(firmwareReleaseMessage, payload);
    if (!parsed.ok) return this.#refuse('firmware', 'unknown', null, parsed.reason);
    const { manifest, wave, window } = parsed.message.body;
    const { pump } = this.#options;
    const version = manifest.firmwareVersion;
    if (wave !== undefined && !wave.includes(pump.serial)) return this.#withdraw(version);
    this.#applyWindow =
      window === undefined ? null : { fromMs: Date.parse(window.from), untilMs: Date.parse(window.until) };
    if (version === pump.firmware.version || this.#fetches.get('firmware')?.digest === manifest.digest)
      return;
    if (version === pump.incomingFirmware) return pump.firmwareWindow(version, this.#applyWindow);
    const refused = refuseFirmwareManifest(this.#offeredFirmware(manifest));
    if (refused !== undefined) return this.#refuse('firmware', version, refused.control, refused.reason);
    this.#fetch('firmware', version, manifest, (bytes) => this.#judgeFirmware(manifest, bytes));
  }

  /** The server offers a version to others, but not to this pump: what was not applied yet is given up. */
  #withdraw(version: string): void {
    const { pump } = this.#options;
    const fetch = this.#fetches.get('firmware');
    const isFetching = fetch?.version === version;
    if (isFetching) {
      fetch.offline();
      this.#fetches.delete('firmware');
    }
    if (isFetching || version === pump.incomingFirmware) pump.withdrawFirmware(version);
  }

  #isKnown(what: What, payload: Buffer): boolean {
    const text = payload.toString('base64');
    if (this.#seen.get(what) === text) return true;
    this.#unfit.delete(what);
    this.#seen.set(what, text);
    return false;
  }

  #fetch(
    what: What,
    version: string,
    artifact: { readonly digest: string; readonly sizeBytes: number },
    done: (bytes: Buffer) => void,
  ): void {
    const { pump, clock, composer } = this.#options;
    this.#fetches.get(what)?.offline();
    pump.transfer(what, { step: 'download-started', version });
    const fetch = new ArtifactFetch({
      version,
      digest: artifact.digest,
      sizeBytes: artifact.sizeBytes,
      serial: pump.serial,
      clock,
      composer,
      done: (bytes) => {
        this.#fetches.delete(what);
        pump.transfer(what, { step: 'download-ended', version });
        if (bytes.length < artifact.sizeBytes) {
          this.#refuse(what, version, null, `${bytes.length} of ${artifact.sizeBytes} bytes came`);
        } else done(bytes);
      },
    });
    this.#fetches.set(what, fetch);
    if (this.#link !== undefined) fetch.online(this.#link);
  }

  #judgeLibrary(manifest: LibraryManifest, contentBytes: Buffer, payload: Buffer): void {
    const { pump } = this.#options;
    const verdict = acceptLibrary({
      ...this.#offered(manifest),
      contentBytes,
      ceiling: this.#options.ceiling(),
    });
    const version = manifest.libraryVersion;
    if (!verdict.accepted) {
      if (verdict.control === 'library-ceiling') this.#ruledOut = payload;
      return this.#refuse('library', version, verdict.control, verdict.reason);
    }
    const offered = pump.offerLibrary(verdict.library);
    if (offered === 'pending') this.#record('library', 'allowed', version, null, null);
    else this.#record('library', 'denied', version, offered.control, offered.reason);
  }

  #judgeFirmware(manifest: FirmwareManifest, packageBytes: Buffer): void {
    const { pump } = this.#options;
    const verdict = acceptFirmware({ ...this.#offeredFirmware(manifest), packageBytes });
    const version = manifest.firmwareVersion;
    if (!verdict.accepted) return this.#refuse('firmware', version, verdict.control, verdict.reason);
    const staged = pump.stageFirmware(verdict.personality, this.#applyWindow);
    if (typeof staged === 'string') this.#record('firmware', 'allowed', version, null, staged);
    else this.#record('firmware', 'denied', version, staged.control, staged.reason);
  }

  #offered(manifest: LibraryManifest): OfferedLibrary {
    const { pump, clock, controls } = this.#options;
    const { inUse, pending } = pump.libraries;
    return {
      manifest,
      signers: this.#signersOf(manifest, 'message-signing'),
      running: {
        careArea: pump.careArea,
        model: pump.model.id,
        firmwareVersion: pump.firmware.version,
        sequence: pending?.sequence ?? inUse?.sequence ?? null,
      },
      controls,
      weaknesses: pump.firmware.weaknesses,
      nowMs: clock.now(),
    };
  }

  #offeredFirmware(manifest: FirmwareManifest): OfferedFirmware {
    const { pump, clock, controls } = this.#options;
    return {
      manifest,
      signers: [
        // A vendor signs code and a person signs messages; neither counts for the other.
        ...this.#signersOf(manifest, 'code-signing').filter(({ identity }) => identity.kind === 'vendor'),
        ...this.#signersOf(manifest, 'message-signing').filter(({ identity }) => identity.kind !== 'vendor'),
      ],
      running: {
        personality: pump.firmware,
        highestEpoch: pump.highestEpoch,
        residentComponents: pump.model.residentComponents,
      },
      controls,
      nowMs: clock.now(),
    };
  }

  #signersOf(
    manifest: LibraryManifest | FirmwareManifest,
    use: CertificateUse,
  ): { readonly identity: Identity }[] {
    const { judge, clock } = this.#options;
    return verifySignatures(manifest, judge, use, clock.now()).flatMap((verdict) =>
      verdict.accepted ? [{ identity: verdict.identity }] : [],
    );
  }

  #refuse(what: What, version: string, control: ControlId | null, reason: string): void {
    this.#options.pump.transfer(what, { step: 'refused', version, reason, control });
    // What no control refused may fit later: a transfer that broke off, a firmware that was not there yet.
    const seen = this.#seen.get(what);
    if (control === null && seen !== undefined) {
      this.#unfit.set(what, Buffer.from(seen, 'base64'));
      this.#seen.delete(what);
    }
    this.#record(what, 'denied', version, control, reason);
  }

  #record(
    what: What,
    outcome: 'allowed' | 'denied',
    version: string,
    control: ControlId | null,
    cause: string | null,
  ): void {
    const { pump, evidence, clock } = this.#options;
    evidence({
      source: `pump:${pump.serial}`,
      event: `${what}.${outcome === 'allowed' ? 'accepted' : 'refused'}`,
      outcome,
      visibility: 'blue',
      deviceTimeMs: clock.now(),
      subject: urnOf({ kind: 'pump', id: pump.serial }),
      control,
      cause,
      object: shortText(`${what} ${version}`),
    });
  }
}
