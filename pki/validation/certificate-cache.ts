import { type Certificate, fingerprintOf, parseCertificate } from '../x509/certificate.ts';

/**
 * Remembers certificates that were read, and with them the signatures that were verified, by the SHA-256 of their DER.
 * Bounded: whoever presents many certificates makes it forget the oldest, not grow.
 */
export class CertificateCache {
  readonly #capacity: number;
  readonly #byFingerprint = new Map<string, Certificate>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#byFingerprint.size;
  }

  /** @throws on what is not a certificate. */
  read(der: Uint8Array): Certificate {
    const fingerprint = fingerprintOf(der);
    let certificate = this.#byFingerprint.get(fingerprint);
    if (certificate === undefined) {
      certificate = parseCertificate(der);
      if (this.#byFingerprint.size >= this.#capacity) {
        const [oldest] = this.#byFingerprint.keys();
        if (oldest !== undefined) this.#byFingerprint.delete(oldest);
      }
    } else {
      // Used last goes last.
      this.#byFingerprint.delete(fingerprint);
    }
    this.#byFingerprint.set(fingerprint, certificate);
    return certificate;
  }
}
