import { isEffective, type WeaknessId } from '../../protocol/firmware/index.ts';
import {
  type CertificateJudge,
  type CommandMessage,
  type ControlId,
  commandMessage,
  type IdentityUrn,
  parseMessage,
  urnOf,
  verifySignatures,
} from '../../protocol/index.ts';

export interface CommandContext {
  readonly self: IdentityUrn;
  readonly judge: CertificateJudge;
  readonly controls: ReadonlySet<ControlId>;
  readonly weaknesses: readonly WeaknessId[];
  readonly nowMs: number;
  /** Highest sequence number taken from a sender in one of its boots; -1 if none; `null` where none could be remembered. */
  readonly lastSeq: (from: string, bootId: string) => number | null;
  /** Whether somebody at the bedside has confirmed what that channel does, or does at the next start. */
  readonly confirmed: (channel: string) => boolean;
}

export type CommandVerdict =
  | { readonly accepted: true; readonly message: CommandMessage; readonly genuine: true }
  | {
      readonly accepted: false;
      /** Signed, and never seen before, as far as this pump asks for it: its number is used up. */
      readonly genuine: boolean;
      readonly control: ControlId | null;
      readonly reason: string;
      /** Absent where the bytes were no command at all. */
      readonly message?: CommandMessage;
    };

/** A command that could wait longer than this would be one to keep for later. */
export const LONGEST_LIFE_MS = 5 * 60_000;

/**
 * Judges a command that came over the network: the one place of `signed-commands`, `command-freshness` and
 * `bedside-confirmation`. A control counts only if the running firmware can do it.
 */
export function judgeCommand(payload: Uint8Array, context: CommandContext): CommandVerdict {
  const parsed = parseMessage(commandMessage, payload);
  if (!parsed.ok) return { accepted: false, genuine: false, control: null, reason: parsed.reason };
  const { message } = parsed;
  const on = (control: ControlId): boolean => isEffective(control, context.controls, context.weaknesses);
  const refuse = (control: ControlId | null, reason: string, genuine = false): CommandVerdict => ({
    accepted: false,
    genuine,
    control,
    reason,
    message,
  });

  if (message.to !== context.self) return refuse(null, 'it is meant for somebody else');
  if (on('signed-commands')) {
    const verdicts = verifySignatures(message, context.judge, 'message-signing', context.nowMs);
    const nurse = verdicts.find((verdict) => verdict.accepted && verdict.identity.kind === 'nurse');
    if (nurse === undefined) {
      const [first] = verdicts;
      const why =
        first === undefined
          ? 'it is not signed'
          : first.accepted
            ? `${urnOf(first.identity)} may not command`
            : first.detail;
      return refuse('signed-commands', why);
    }
  }
  if (on('command-freshness')) {
    if (message.expiresAt === undefined) return refuse('command-freshness', 'it has no expiry');
    if (Date.parse(message.expiresAt) <= context.nowMs) return refuse('command-freshness', 'it has expired');
    const lastSeq = context.lastSeq(message.from, message.bootId);
    if (lastSeq === null) return refuse('command-freshness', 'too many boots of senders are remembered');
    if (message.seq <= lastSeq) return refuse('command-freshness', 'it was seen before');
    if (Date.parse(message.expiresAt) > context.nowMs + LONGEST_LIFE_MS) {
      // The same bytes would be short-lived enough some time later.
      return refuse('command-freshness', 'it lives too long', true);
    }
  }
  if (on('bedside-confirmation') && needsBedside(message.body, context.confirmed)) {
    return refuse('bedside-confirmation', 'that is changed at the bedside', true);
  }
  return { accepted: true, genuine: true, message };
}

/**
 * What somebody has confirmed is changed by somebody who stands there. Before that, whoever confirms reads what was commanded
 * off the display; but nobody confirms an alarm limit.
 */
function needsBedside(body: CommandMessage['body'], confirmed: CommandContext['confirmed']): boolean {
  switch (body.command) {
    case 'identify':
      return false;
    case 'set-alarm-limit':
      return true;
    case 'set-rate':
    case 'pause':
    case 'bolus':
      return confirmed(body.channel);
  }
}
