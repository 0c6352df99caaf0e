import type { Credential, Pki } from '../pki/index.ts';
import { type Identity, isId, KINDS, type Kind, PumprangeError, parseUrn } from '../protocol/index.ts';

/**
 * Who a name on the command line is: `kind:id`, or an id. Of an id the register knows the kind, or else the id itself says it, as `biomed-01`
 * does; otherwise it is of the kind that is wanted.
 *
 * @throws PumprangeError `PR_PKI_NAME`
 */
function personNamed(name: string, wanted: Kind, pki: Pki): Identity {
  const given = parseUrn(`urn:pumprange:${name}`) ?? parseUrn(name);
  if (given !== undefined) return given;
  if (!isId(name)) throw new PumprangeError('PR_PKI_NAME', `${JSON.stringify(name)} cannot be an id`);
  const known = pki.list().flatMap(({ identity }) => (identity.id === name ? identity.kind : []));
  if (known.includes(wanted)) return { kind: wanted, id: name };
  const said = KINDS.find((kind) => name.startsWith(`${kind}-`));
  return { kind: known[0] ?? said ?? wanted, id: name };
}

/**
 * The key of a pharmacist, with which a library is approved. In this testbed the PKI of the folder keeps it, and makes it when it is first
 * asked for; a hospital's pharmacist has it on a card.
 *
 * @throws PumprangeError `PR_APPROVER_REFUSED`, `PR_PKI_NAME`
 */
export function approverNamed(
  name: string,
  pki: Pki,
): { readonly identity: Identity; readonly signer: Credential } {
  const identity = personNamed(name, 'pharmacist', pki);
  if (identity.kind === 'biomed') {
    throw refused(`${identity.id} is a biomedical engineer. Biomedical engineers transfer, and cannot edit`);
  }
  if (identity.kind !== 'pharmacist') throw refused(`${identity.id} is a ${identity.kind}, not a pharmacist`);
  // Whoever was revoked does not help themselves to another certificate.
  if (pki.isBarred(identity)) throw refused(`the certificate of ${identity.id} was revoked`);
  return { identity, signer: pki.credentialFor(identity) };
}

/**
 * The key of somebody who signs documents of a kind. As with pharmacists, the PKI of the folder keeps it.
 *
 * @param kinds who may; the first is meant where a name says no kind
 * @throws PumprangeError `PR_APPROVER_REFUSED`, `PR_PKI_NAME`
 */
export function documentSignerNamed(
  name: string,
  kinds: readonly [Kind, ...Kind[]],
  pki: Pki,
): { readonly identity: Identity; readonly signer: Credential } {
  const identity = personNamed(name, kinds[0], pki);
  if (!kinds.includes(identity.kind)) {
    throw refused(`${identity.id} is a ${identity.kind}; it takes a ${kinds.join(' or ')}`);
  }
  if (pki.isBarred(identity)) throw refused(`the certificate of ${identity.id} was revoked`);
  return { identity, signer: pki.credentialFor(identity) };
}

/**
 * The biomedical engineer who transfers something to pumps.
 *
 * @throws PumprangeError `PR_USAGE` for anybody else, `PR_PKI_NAME`
 */
export function engineerNamed(name: string, pki: Pki): Identity {
  const by = personNamed(name, 'biomed', pki);
  if (by.kind === 'biomed') return by;
  throw new PumprangeError('PR_USAGE', `${by.id} is a ${by.kind}; biomedical engineers transfer`);
}

function refused(reason: string): PumprangeError {
  return new PumprangeError('PR_APPROVER_REFUSED', reason);
}
