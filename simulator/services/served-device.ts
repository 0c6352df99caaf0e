import { readFirmwarePackage } from '../../protocol/firmware/index.ts';
import type { ControlId } from '../../protocol/index.ts';
import type { Pump, Written } from '../pump/index.ts';
import type { PumpShell } from '../shell/index.ts';
import { type DeviceStorage, STORED_KINDS, type StoredKind } from '../storage/index.ts';

/** An expected refusal names the control that refused where one did. */
export type Answer =
  | { readonly ok: true; readonly body: unknown }
  | { readonly ok: false; readonly control: ControlId | null; readonly reason: string };

const DONE: Answer = { ok: true, body: 'done' };

/** What the services of a pump can do with it. */
export class ServedDevice {
  readonly #pump: Pump;
  readonly #shell: PumpShell;
  readonly #storage: DeviceStorage;

  constructor(pump: Pump, shell: PumpShell, storage: DeviceStorage) {
    this.#pump = pump;
    this.#shell = shell;
    this.#storage = storage;
  }

  get serial(): Pump['serial'] {
    return this.#pump.serial;
  }

  get weaknesses(): Pump['firmware']['weaknesses'] {
    return this.#pump.firmware.weaknesses;
  }

  identity(): Answer {
    const { serial, model, careArea, firmware } = this.#pump;
    return { ok: true, body: { serial, model: model.id, careArea, firmware: firmware.version } };
  }

  /** How it is set up, never whom it treats. */
  configuration(): Answer {
    const { configuration, library, channels } = this.#pump.reading();
    return {
      ok: true,
      body: {
        configuration,
        library: library.inUse,
        channels: channels.map(({ channel, therapy, occlusionLimitMmHg }) => ({
          ...{ channel, therapy, occlusionLimitMmHg },
        })),
      },
    };
  }

  stored(): Answer {
    return { ok: true, body: STORED_KINDS };
  }

  read(kind: StoredKind, by: string): Answer {
    const read = this.#storage.read(kind, by);
    return read.ok ? { ok: true, body: { kind, content: read.content } } : read;
  }

  write(written: Written): Answer {
    const result = this.#pump.write(written);
    return result.accepted ? DONE : { ok: false, control: result.control, reason: result.reason };
  }

  clearLog(by: string): Answer {
    const altered = this.#storage.alterLog('wipe', by);
    return altered.ok ? DONE : altered;
  }

  importConfiguration(content: unknown): Answer {
    const verdict = this.#shell.importConfiguration(content);
    return verdict.accepted ? DONE : { ok: false, control: verdict.control, reason: verdict.reason };
  }

  writeLibrary(bytes: Buffer, by: string): Answer {
    const altered = this.#storage.alterLibrary(bytes.toString('utf8'), by);
    return altered.ok ? DONE : altered;
  }

  /** Installs a package past whatever judges a release. Only its form is looked at. */
  install(bytes: Buffer): Answer {
    const read = readFirmwarePackage(bytes);
    if (read.personality === null) return { ok: false, control: null, reason: read.reason };
    const staged = this.#pump.stageFirmware(read.personality);
    return typeof staged === 'string' ? DONE : { ok: false, control: staged.control, reason: staged.reason };
  }

  crash(cause: string): void {
    this.#shell.crash(cause);
  }
}
