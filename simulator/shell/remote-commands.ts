import type { Clock } from '../../clock/index.ts';
import {
  type AckMessage,
  type CertificateJudge,
  type CommandMessage,
  type Composer,
  type ControlId,
  type EvidenceSink,
  pumpTopic,
  shortText,
  type TherapyState,
  urnOf,
} from '../../protocol/index.ts';
import type { Pump } from '../pump/index.ts';
import { judgeCommand } from './command-intake.ts';
import type { SenderNumbers } from './sender-numbers.ts';

export interface RemoteCommandsOptions {
  readonly pump: Pump;
  readonly clock: Clock;
  readonly judge: CertificateJudge;
  readonly controls: ReadonlySet<ControlId>;
  readonly evidence: EvidenceSink;
  readonly senders: SenderNumbers;
  readonly composer: Composer;
  /** Sends an answer, where the pump is online. */
  readonly answer: (ack: ReturnType<Composer['compose']>) => void;
  /** The software hangs, on a firmware that can be made to. */
  readonly crash: (cause: string) => void;
}

/** A signed command has about 3 KB; what expects no more has no room for it. */
const LONGEST_COMMAND_BYTES = 8_192;

/** Takes commands that come over the network, and obeys those that pass. */
export class RemoteCommands {
  readonly #options: RemoteCommandsOptions;

  constructor(options: RemoteCommandsOptions) {
    this.#options = options;
  }

  /** Judges a command, carries it out or not, and answers whoever gave it. */
  command(payload: Buffer): void {
    if (this.#isTooMuch(payload)) return;
    const { pump, judge, controls, clock, senders } = this.#options;
    const nowMs = clock.now();
    const verdict = judgeCommand(payload, {
      self: urnOf({ kind: 'pump', id: pump.serial }),
      judge,
      controls,
      weaknesses: pump.firmware.weaknesses,
      nowMs,
      lastSeq: (from, bootId) => senders.last(from, bootId, nowMs),
      confirmed: (channel) => isConfirmed(pump.channelReading(channel)?.therapy),
    });
    if (verdict.message !== undefined && verdict.genuine) senders.use(verdict.message, nowMs);
    if (!verdict.accepted) {
      this.#answer(verdict.message, 'refused', verdict.control, verdict.reason);
      return;
    }
    const { message } = verdict;
    const result = this.#obey(message);
    if (result.accepted) this.#answer(message, 'accepted', null, `${message.body.command}: done`);
    else this.#answer(message, 'refused', result.control, result.reason);
  }

  /** No memory is overrun anywhere: what a weak firmware loses by a message that is too long is modelled. */
  #isTooMuch(payload: Buffer): boolean {
    const { pump, crash } = this.#options;
    const fails = pump.firmware.weaknesses.includes('crashes-on-oversize-input');
    if (!fails || payload.length <= LONGEST_COMMAND_BYTES) return false;
    crash('a message that was too long');
    return true;
  }

  #obey({ body }: CommandMessage): ReturnType<Pump['remoteRate']> {
    const { pump } = this.#options;
    switch (body.command) {
      case 'set-rate':
        return pump.remoteRate(body.channel, body.rateMlPerH);
      case 'pause':
        return pump.remotePause(body.channel);
      case 'bolus':
        return pump.remoteBolus(body.channel, body.volumeMl);
      case 'set-alarm-limit':
        return pump.remoteAlarmLimit(body.channel, body.occlusionLimitMmHg);
      case 'identify':
        return { accepted: true };
    }
  }

  #answer(
    message: CommandMessage | undefined,
    outcome: AckMessage['body']['outcome'],
    control: ControlId | null,
    why: string,
  ): void {
    const { pump, clock, evidence, composer, answer } = this.#options;
    // It may name a channel that the command made up.
    const reason = shortText(why);
    evidence({
      source: `pump:${pump.serial}`,
      event: outcome === 'accepted' ? 'command.accepted' : 'command.refused',
      outcome: outcome === 'accepted' ? 'allowed' : 'denied',
      visibility: 'blue',
      deviceTimeMs: clock.now(),
      subject: message?.from ?? null,
      control,
      cause: reason,
      object: pumpTopic(pump.serial, 'command'),
    });
    if (message === undefined) return;
    const { from, bootId, seq } = message;
    answer(
      composer.compose('ack', { answers: { from, bootId, seq }, outcome, control, reason }, { to: from }),
    );
  }
}

/** Whether a channel is about something that was confirmed at the bedside. */
function isConfirmed(therapy: TherapyState | undefined): boolean {
  switch (therapy) {
    case 'ready':
    case 'infusing':
    case 'keepVeinOpen':
    case 'paused':
    case 'stopped':
      return true;
    default:
      return false;
  }
}
