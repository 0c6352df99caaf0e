import { createHash } from 'node:crypto';
import type { CertificateJudge } from '../certificates.ts';
import type { ControlId } from '../controls.ts';
import type { EvidenceSink } from '../evidence.ts';
import { type Serial, sameIdentity } from '../identity.ts';
import type { Envelope } from '../messages/envelope.ts';
import { verifySignatures } from './verify.ts';

export interface UplinkVerifierOptions {
  readonly judge: CertificateJudge;
  readonly controls: ReadonlySet<ControlId>;
  readonly nowMs: () => number;
  readonly evidence: EvidenceSink;
  /** Who receives, as the evidence names it: `pump-server`, `nurse-station`. */
  readonly source: string;
  /** Whether the firmware that a pump runs can sign, as the hospital's register of its devices has it. */
  readonly signs: (serial: Serial) => boolean;
}

/** Asked by a receiver before it stores or shows what a pump is said to have said on one of its topics. */
export type BelieveUplink = (topic: string, serial: Serial, message: UplinkEnvelope) => boolean;

type UplinkEnvelope = Envelope & Readonly<Record<string, unknown>>;

/** The last will is written when the session begins and heard when it ends, so its number may be an old one. */
interface LinkBody {
  readonly link?: unknown;
}

/** What is remembered of a pump. */
interface Heard {
  bootId: string;
  /** Boots before that one, which say nothing new any more. */
  readonly past: Set<string>;
  /** Highest number in this boot, by stream. */
  readonly last: Map<string, number>;
  toldAtMs: number;
}

/** Streams of what is so now. A record of the log is numbered over boots, and who keeps logs knows a repeated one. */
const STATE_STREAMS: ReadonlySet<string> = new Set(['status', 'telemetry', 'patient']);
/** A stranger who says a thousand things is told of once in so long. */
const TELL_EVERY_MS = 10_000;
/** Per pump; a pump boots a few times a day. */
const MOST_BOOTS = 64;
const MOST_CHAINS = 20_000;
const MOST_PUMPS = 20_000;

/**
 * The one place of `signed-uplink`: what is not signed by the pump that its topic names, or was said before, is not believed. Each
 * receiver has one of its own, and remembers what it has heard. Off, and for a pump whose firmware cannot sign, everybody is believed.
 *
 * Telemetry names its certificate by its thumbprint; the chain comes with the status, which is first in every session. Known limits: a
 * receiver that has just started takes a state that is older than the newest; the will of an earlier session of the same boot can be
 * replayed, and then shows a pump offline that is not.
 */
export function uplinkVerifier(options: UplinkVerifierOptions): BelieveUplink {
  const { judge, controls, nowMs, evidence, source, signs } = options;
  const pumps = new Map<Serial, Heard>();
  const chains = new Map<string, readonly Uint8Array[]>();
  /** Fingerprints of certificates that were accepted: an outage of the status service changes nothing of what is known. */
  const accepted = new Set<string>();

  const faultOf = (serial: Serial, message: UplinkEnvelope, heard: Heard) => {
    const [verdict] = verifySignatures(message, rememberingJudge, 'uplink-signing', nowMs(), (thumbprint) =>
      chains.get(thumbprint),
    );
    if (verdict === undefined) return 'it is not signed';
    if (!verdict.accepted) {
      const { certificate, detail } = verdict;
      const fingerprint = certificate?.fingerprint;
      const isBlind =
        certificate?.refusal === 'revocation-unknown' || certificate?.refusal === 'time-unknown';
      if (!isBlind || fingerprint === undefined || !accepted.has(fingerprint)) return detail;
    } else if (!sameIdentity(verdict.identity, { kind: 'pump', id: serial })) {
      return `${verdict.identity.kind} ${verdict.identity.id} has signed it`;
    } else {
      if (accepted.size >= MOST_CHAINS) accepted.clear();
      accepted.add(verdict.fingerprint);
    }
    return staleness(message, heard);
  };

  /** Keeps the chains that stand, for messages that only name theirs. */
  const rememberingJudge: CertificateJudge = (chainDer, use, atMs) => {
    const verdict = judge(chainDer, use, atMs);
    const [leaf] = chainDer;
    if (verdict.accepted && leaf !== undefined && !seen.has(leaf)) {
      seen.add(leaf);
      if (chains.size >= MOST_CHAINS) chains.clear();
      chains.set(createHash('sha256').update(leaf).digest('base64url'), chainDer);
    }
    return verdict;
  };
  const seen = new WeakSet<Uint8Array>();

  const heardOf = (serial: Serial): Heard => {
    const before = pumps.get(serial);
    if (before !== undefined) return before;
    const [oldest] = pumps.keys();
    if (pumps.size >= MOST_PUMPS && oldest !== undefined) pumps.delete(oldest);
    const heard: Heard = { bootId: '', past: new Set(), last: new Map(), toldAtMs: Number.NEGATIVE_INFINITY };
    pumps.set(serial, heard);
    return heard;
  };

  return (topic, serial, message) => {
    if (!controls.has('signed-uplink') || !signs(serial)) return true;
    const heard = heardOf(serial);
    const fault = faultOf(serial, message, heard);
    if (fault === undefined) return true;
    if (nowMs() - heard.toldAtMs >= TELL_EVERY_MS) {
      heard.toldAtMs = nowMs();
      evidence({
        source,
        event: 'uplink.refused',
        outcome: 'denied',
        visibility: 'blue',
        deviceTimeMs: nowMs(),
        subject: message.from,
        control: 'signed-uplink',
        cause: fault,
        object: topic,
      });
    }
    return false;
  };
}

/** Notes what is new; says of what is not why. */
function staleness({ type, bootId, seq, body }: UplinkEnvelope, heard: Heard): string | undefined {
  if (!STATE_STREAMS.has(type)) return undefined;
  if (heard.past.has(bootId)) return 'it is of an earlier boot';
  if (bootId !== heard.bootId) {
    if (heard.past.size >= MOST_BOOTS) heard.past.clear();
    if (heard.bootId !== '') heard.past.add(heard.bootId);
    heard.bootId = bootId;
    heard.last.clear();
  }
  if (type === 'status' && isLinkBody(body) && body.link === 'offline') return undefined;
  const last = heard.last.get(type) ?? -1;
  // The broker gives the retained status out again: that is no other one.
  if (seq < last || (seq === last && type !== 'status')) return 'it was said before';
  heard.last.set(type, seq);
  return undefined;
}

function isLinkBody(body: unknown): body is LinkBody {
  return typeof body === 'object' && body !== null;
}
