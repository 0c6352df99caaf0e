import type { Clock } from '../../clock/index.ts';
import type { EvidenceSink } from '../../protocol/index.ts';
import type { AuthorityId, IssuingRole } from '../profiles.ts';
import type { KeyAlgorithm } from '../x509/algorithms.ts';
import type { Authorities } from './authorities.ts';
import { holdersOf, stillNeeded } from './holders.ts';
import { noteAuthority } from './note-authority.ts';
import type { Register } from './register.ts';
import type { Revocation, Revocations } from './revocations.ts';

export interface RolloverOptions {
  readonly clock: Clock;
  readonly evidence: EvidenceSink;
  readonly register: Register;
  readonly authorities: Authorities;
  readonly revocations: Revocations;
}

/** Makes the next authority of a role, beside the one before. See `Pki.rollOver`. */
export function rollOver(
  { authorities, evidence }: RolloverOptions,
  role: IssuingRole,
  algorithm: KeyAlgorithm,
): { readonly id: AuthorityId; readonly pem: string } {
  const authority = authorities.rollOver(role, algorithm);
  noteAuthority(evidence, 'authority.added', authority);
  return { id: authority.id, pem: authority.certificatePem };
}

/** Drops an authority of before, with what it issued. See `Pki.retire`. */
export function retire(
  { authorities, evidence, register, revocations, clock }: RolloverOptions,
  id: string,
  force: boolean,
): readonly Revocation[] {
  const authority = authorities.toRetire(id);
  const { depending, superseded } = holdersOf(register.all(), authority.id, clock.now());
  if (depending.length > 0 && !force) throw stillNeeded(id, depending);
  const withdrawn = revocations.withdraw([...superseded, ...depending], 'superseded');
  authorities.retire(authority, 'superseded');
  noteAuthority(evidence, 'authority.retired', authority);
  return withdrawn;
}
