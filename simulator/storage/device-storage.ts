import type { Clock, Random } from '../../clock/index.ts';
import { readLibrary } from '../../protocol/drug-library/index.ts';
import { type ControlId, type EvidenceSink, urnOf } from '../../protocol/index.ts';
import type { Pump } from '../pump/index.ts';
import type { LogRecord, PumpShell } from '../shell/index.ts';
import { isSecret, type StoredKind } from './kinds.ts';
import { type Protection, type Withheld, whyNotAltered, whyWithheld } from './protection.ts';

export interface DeviceStorageOptions {
  readonly pump: Pump;
  readonly shell: Pick<PumpShell, 'log'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly controls: ReadonlySet<ControlId>;
  readonly evidence: EvidenceSink;
  /** The pump's certificate and key as it has them now, PEM; `undefined` before it has any. */
  readonly credential: () => { readonly chainPem: string; readonly privateKeyPem: string } | undefined;
}

export type ReadStored = { readonly ok: true; readonly content: string } | Withheld;
export type AlterStored = { readonly ok: true } | Withheld;

/** What is wrong with a record from which the cause was struck. */
const STRUCK = 'struck-out';

/**
 * The memory of a pump as somebody outside its software gets at it: with the device in hands, or through a service. Network key and
 * directory credential are fictitious and serve nobody.
 */
export class DeviceStorage {
  readonly #options: DeviceStorageOptions;
  readonly #networkKey: string;
  readonly #directoryCredential: string;
  #wiped = false;

  constructor(options: DeviceStorageOptions) {
    this.#options = options;
    const { random } = options;
    const word = (): string => random.int(0, 0xffff_ffff).toString(16).padStart(8, '0');
    this.#networkKey = `TRAINING-NETWORK-KEY-${word()}`;
    this.#directoryCredential = `TRAINING-DIRECTORY-${word()}`;
  }

  /** What is there, whether or not it can be read. */
  read(kind: StoredKind, by: string): ReadStored {
    const withheld = whyWithheld(kind, this.#protection());
    if (withheld !== null) return this.#denied(withheld, kind, by);
    const content = this.#content(kind);
    if (content !== undefined) return { ok: true, content };
    const nothing: Withheld = {
      ok: false,
      control: this.#wiped ? 'secure-decommission' : null,
      reason: 'nothing of the kind is stored',
    };
    return this.#denied(nothing, kind, by);
  }

  /** Writes a drug library into the memory, as JSON. What is none is refused by every pump. */
  alterLibrary(content: string, by: string): AlterStored {
    const withheld = whyNotAltered(this.#protection());
    if (withheld !== null) return this.#denied(withheld, 'library', by);
    const unfit = (reason: string): Withheld =>
      this.#denied({ ok: false, control: null, reason }, 'library', by);
    const read = readLibrary(Buffer.from(content, 'utf8'));
    if (read.library === null) return unfit(read.reason);
    const { pump } = this.#options;
    if (read.library.careArea !== pump.careArea) return unfit(`it is for ${read.library.careArea}`);
    const taken = pump.write({ type: 'library.written', library: read.library, by });
    return taken.accepted ? { ok: true } : { ok: false, control: taken.control, reason: taken.reason };
  }

  /** Takes what the server has not confirmed out of the log, or strikes out what those records say. */
  alterLog(how: 'wipe' | 'strike-out', by: string): AlterStored {
    const withheld = whyNotAltered(this.#protection());
    if (withheld !== null) return this.#denied(withheld, 'log', by);
    const { log } = this.#options.shell;
    if (how === 'wipe') log.wipe();
    else log.rewrite(log.unconfirmed().map(struckOut));
    return { ok: true };
  }

  /** Whether it was wiped when the pump left service. */
  get isWiped(): boolean {
    return this.#wiped;
  }

  /** Overwrites all that is stored. */
  wipe(): void {
    this.#wiped = true;
    this.#options.shell.log.wipe();
  }

  #protection(): Protection {
    const { controls, pump } = this.#options;
    return { controls, weaknesses: pump.firmware.weaknesses };
  }

  #content(kind: StoredKind): string | undefined {
    if (this.#wiped) return undefined;
    const { pump, shell, credential } = this.#options;
    switch (kind) {
      case 'network-key':
        return this.#networkKey;
      case 'directory-credential':
        return this.#directoryCredential;
      case 'private-key':
        return credential()?.privateKeyPem;
      case 'certificate':
        return credential()?.chainPem;
      case 'configuration':
        return JSON.stringify(pump.configuration?.settings ?? {});
      case 'library':
        return pump.libraries.inUse === null ? undefined : JSON.stringify(pump.libraries.inUse);
      case 'log':
        return JSON.stringify(shell.log.unconfirmed());
    }
  }

  #denied(withheld: Withheld, kind: StoredKind, by: string): Withheld {
    const { pump, evidence, clock } = this.#options;
    evidence({
      source: `pump:${pump.serial}`,
      event: 'storage.refused',
      outcome: 'denied',
      // A pump that somebody holds tells nobody; one that is asked over the network does.
      visibility: by === IN_HANDS ? 'white' : 'blue',
      deviceTimeMs: clock.now(),
      subject: urnOf({ kind: 'pump', id: pump.serial }),
      control: withheld.control,
      cause: withheld.reason,
      object: isSecret(kind) ? `secret ${kind}` : kind,
    });
    return withheld;
  }
}

/** How somebody gets at the memory who has the device itself. */
export const IN_HANDS = 'hands';

function struckOut(record: LogRecord): LogRecord {
  if (record.stream === 'alarm') return { ...record, body: { ...record.body, alarm: STRUCK } };
  return { ...record, body: { ...record.body, event: STRUCK, detail: {} } };
}
