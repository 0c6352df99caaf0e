import type { Clock } from '../../clock/index.ts';
import {
  type CertificateJudge,
  type ControlId,
  configurationReleaseMessage,
  type DeviceConfiguration,
  deviceConfiguration,
  type EvidenceSink,
  parseMessage,
  shortText,
  urnOf,
  verifySignatures,
} from '../../protocol/index.ts';
import { acceptConfiguration } from '../configuration/index.ts';
import type { Pump } from '../pump/index.ts';

export type ConfigurationVerdict = ReturnType<typeof acceptConfiguration>;

export interface ConfigurationIntakeOptions {
  readonly pump: Pump;
  readonly clock: Clock;
  readonly judge: CertificateJudge;
  readonly controls: ReadonlySet<ControlId>;
  readonly evidence: EvidenceSink;
}

/** Takes device configurations: at once, or, where a therapy locks the pump, as soon as nothing is programmed any more. */
export class ConfigurationIntake {
  readonly #options: ConfigurationIntakeOptions;
  /** A broker sends the retained one at every connection. */
  #seen: string | undefined;
  /** Nothing speaks against it but the therapy. */
  #waiting: DeviceConfiguration | undefined;

  constructor(options: ConfigurationIntakeOptions) {
    this.#options = options;
  }

  release(payload: Buffer): void {
    const text = payload.toString('base64');
    if (this.#seen === text) return;
    this.#seen = text;
    this.#waiting = undefined;
    const parsed = parseMessage(configurationReleaseMessage, payload);
    if (!parsed.ok) return this.#refuse('unknown', null, parsed.reason);
    const { configuration } = parsed.message.body;
    const { sequence, version } = this.#options.pump.configuration ?? {};
    if (sequence === configuration.sequence && version === configuration.configurationVersion) return;
    this.#judge(configuration);
  }

  /** One that came another way than by a release: judged all the same. */
  offered(content: unknown): ConfigurationVerdict {
    const parsed = deviceConfiguration.safeParse(content);
    if (parsed.success) return this.#judge(parsed.data);
    const refusal = { accepted: false, control: null, reason: 'it is no device configuration' } as const;
    this.#refuse('unknown', refusal.control, refusal.reason);
    return refusal;
  }

  /** Something has happened at the pump: what waits may have its turn. It is judged anew, since time has gone on. */
  happened(): void {
    const waiting = this.#waiting;
    if (waiting === undefined || !this.#options.pump.isIdle) return;
    this.#waiting = undefined;
    this.#judge(waiting);
  }

  #judge(configuration: DeviceConfiguration): ConfigurationVerdict {
    const { pump, judge, clock, controls } = this.#options;
    const nowMs = clock.now();
    const version = configuration.configurationVersion;
    const verdict = acceptConfiguration({
      ...{ configuration, controls, nowMs },
      signers: verifySignatures(configuration, judge, 'message-signing', nowMs).flatMap((one) =>
        one.accepted ? [{ identity: one.identity }] : [],
      ),
      careArea: pump.careArea,
      model: pump.model,
      sequence: pump.configuration?.sequence ?? null,
      isIdle: pump.isIdle,
      weaknesses: pump.firmware.weaknesses,
    });
    if (verdict.accepted) {
      const { configuration: id, sequence, settings } = configuration;
      pump.configure({ id, version, sequence, settings });
      this.#record('allowed', version, null, null);
      return verdict;
    }
    if (verdict.control === 'therapy-lock') this.#waiting = configuration;
    this.#refuse(version, verdict.control, verdict.reason);
    return verdict;
  }

  #refuse(version: string, control: ControlId | null, reason: string): void {
    this.#options.pump.refuseConfiguration({ version, reason, control });
    this.#record('denied', version, control, reason);
  }

  #record(
    outcome: 'allowed' | 'denied',
    version: string,
    control: ControlId | null,
    cause: string | null,
  ): void {
    const { pump, evidence, clock } = this.#options;
    evidence({
      source: `pump:${pump.serial}`,
      event: outcome === 'allowed' ? 'configuration.accepted' : 'configuration.refused',
      ...{ outcome, control, cause },
      visibility: 'blue',
      deviceTimeMs: clock.now(),
      subject: urnOf({ kind: 'pump', id: pump.serial }),
      object: shortText(`configuration ${version}`),
    });
  }
}
