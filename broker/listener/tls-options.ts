import type { TlsOptions } from 'node:tls';
import type { ControlId } from '../../protocol/index.ts';
import { MODERN_CIPHERS } from './ciphers.ts';

/** What the broker shows of itself. PEM. */
export interface ServerCredential {
  readonly chainPem: string;
  readonly privateKeyPem: string;
  readonly rootPem: string;
}

/**
 * OpenSSL proves that the peer holds the key of what it shows; it refuses nobody, because it knows real time only and
 * would tell us no more than a reset. The judge decides (docs/decisions/0002).
 */
export function tlsOptions(credential: ServerCredential, controls: ReadonlySet<ControlId>): TlsOptions {
  const modern = controls.has('modern-tls');
  return {
    cert: credential.chainPem,
    key: credential.privateKeyPem,
    ca: credential.rootPem,
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: modern ? 'TLSv1.2' : 'TLSv1',
    // Off, whatever OpenSSL can do: suites that only protect from changes, too, which old clients ask for.
    ciphers: modern ? MODERN_CIPHERS : 'ALL:eNULL:@SECLEVEL=0',
    // Seconds. A session may be resumed, and its certificate is judged again when it is.
    sessionTimeout: 300,
    noDelay: true,
    // Ours runs on the Clock.
    handshakeTimeout: 2_147_483_647,
  };
}
