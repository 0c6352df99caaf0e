import { PumprangeError, urnOf } from '../../protocol/index.ts';
import type { AuthorityId } from '../profiles.ts';
import type { IssuedCertificate } from './register.ts';

/** What an authority issued and is still good. */
export interface Holders {
  /** Their holders have no other good certificate for the same. */
  readonly depending: readonly IssuedCertificate[];
  readonly superseded: readonly IssuedCertificate[];
}

export function holdersOf(all: readonly IssuedCertificate[], id: AuthorityId, nowMs: number): Holders {
  const good = all.filter(({ revoked, notAfterMs }) => revoked === null && notAfterMs >= nowMs);
  const keyOf = ({ identity, profile }: IssuedCertificate): string => `${urnOf(identity)} ${profile}`;
  // What is bad on purpose replaces nothing and holds nobody up.
  const real = good.filter(({ defect }) => defect === undefined);
  const elsewhere = new Set(real.filter(({ issuer }) => issuer !== id).map(keyOf));
  const isNeeded = (one: IssuedCertificate): boolean =>
    one.defect === undefined && !elsewhere.has(keyOf(one));
  const here = good.filter(({ issuer }) => issuer === id);
  return { depending: here.filter(isNeeded), superseded: here.filter((one) => !isNeeded(one)) };
}

const NAMED = 5;

export function stillNeeded(id: string, depending: readonly IssuedCertificate[]): PumprangeError {
  const all = [...new Set(depending.map(({ identity }) => urnOf(identity)))];
  const names = all.slice(0, NAMED);
  const more = all.length > NAMED ? `, and ${all.length - NAMED} more` : '';
  return new PumprangeError(
    'PR_PKI_AUTHORITY',
    `"${id}" cannot go yet: only its certificates have ${names.join(', ')}${more}`,
  );
}
