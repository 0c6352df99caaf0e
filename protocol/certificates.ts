import type { ControlId } from './controls.ts';
import type { Identity } from './identity.ts';

/** What a certificate is to be used for at the place where it is judged. */
export type CertificateUse =
  | 'tls-client'
  | 'tls-server'
  /** A person or a service signs a message or a release. */
  | 'message-signing'
  /** A pump signs what it says of itself. */
  | 'uplink-signing'
  /** A vendor signs firmware. */
  | 'code-signing';

/** Why a certificate was not accepted, in the words of RFC 5280 and RFC 8446. */
export type CertificateRefusal =
  | 'no-certificate'
  | 'malformed'
  | 'unknown-issuer'
  | 'bad-signature'
  | 'not-yet-valid'
  | 'expired'
  /** RSA of fewer than 2,048 bits, or a curve other than P-256. */
  | 'weak-key'
  /** Signed by its issuer indeed, but over SHA-1, where another content with the same digest can be made. */
  | 'weak-digest'
  | 'wrong-usage'
  | 'path-length-exceeded'
  | 'no-identity'
  /** The common name says another holder than the subject alternative name: some brokers read the one, some the other. */
  | 'name-mismatch'
  | 'revoked'
  | 'revocation-unknown'
  /** No time server is there, and the posture does not go by a clock of which nobody knows whether it is right. */
  | 'time-unknown';

/** The judgement of a certificate at a time; a refusal is a value and names the control that refused. */
export type CertificateVerdict =
  | {
      readonly accepted: true;
      readonly identity: Identity;
      /** SHA-256 of the DER, lower-case hexadecimal. */
      readonly fingerprint: string;
      /** Serial number, lower-case hexadecimal. */
      readonly serialNumber: string;
      readonly notAfterMs: number;
    }
  | {
      readonly accepted: false;
      readonly control: ControlId;
      readonly refusal: CertificateRefusal;
      readonly detail: string;
      /** Known as far as the certificate could be read. */
      readonly fingerprint?: string;
    };

/**
 * Judges a presented chain (DER, leaf first) for a use at a time of the injected clock. The TLS stack proves that the
 * peer holds the key; path, dates, usage and revocation are judged here, on both ends and on resumed sessions too.
 */
export type CertificateJudge = (
  chainDer: readonly Uint8Array[],
  use: CertificateUse,
  atMs: number,
) => CertificateVerdict;
