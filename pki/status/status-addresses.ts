import { isOurs, PumprangeError } from '../../protocol/index.ts';
import type { StatusAddresses } from '../authority/status-extensions.ts';
import { STATUS_PATHS } from './status-handler.ts';

/** @throws PumprangeError PR_GUARDRAIL for an address that is not `http` on loopback or in the project's own networks. */
export function statusAddresses(url: string): StatusAddresses {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const host = parsed?.hostname.replace(/^\[|\]$/g, '') ?? '';
  // Plain HTTP: to judge the certificate of a TLS server one would have to ask it [RFC 5280 §8].
  if (parsed?.protocol !== 'http:' || !isOurs(host)) {
    throw new PumprangeError(
      'PR_GUARDRAIL',
      `"${url}" is not an http address of this machine or of our networks`,
    );
  }
  const base = parsed.origin;
  return {
    ocsp: `${base}${STATUS_PATHS.ocsp}`,
    crl: (id) => `${base}${STATUS_PATHS.crl(id)}`,
    certificate: (id) => `${base}${STATUS_PATHS.certificate(id)}`,
  };
}
