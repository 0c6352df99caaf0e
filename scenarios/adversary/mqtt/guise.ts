import { clientIdOf, type Identity, parseClientId } from '../../../protocol/index.ts';
import type { CredentialOf } from '../../format/adversary-actions/credentials.ts';

/** Under which name somebody comes to the broker. */
export interface Guise {
  readonly clientId: string;
  /** Whom its messages say that they are from. */
  readonly identity: Identity;
}

/** Who somebody without a certificate says that he is, unless the step says otherwise. */
const NOBODY: Identity = { kind: 'observer', id: 'laptop' };
const NAMELESS: Guise = { clientId: clientIdOf(NOBODY), identity: NOBODY };

/** The names to come under, in the order in which they are tried: a bold one, and that of the certificate. */
export function guisesOf(as: CredentialOf): readonly [Guise, ...Guise[]] {
  if (as.credential === 'none') {
    const { clientId } = as;
    if (clientId === undefined) return [NAMELESS];
    return [{ clientId, identity: parseClientId(clientId) ?? NOBODY }];
  }
  const own = 'of' in as ? [guise(as.of)] : [];
  const [first, ...rest] = as.claims === undefined ? own : [guise(as.claims), ...own];
  // Of what was taken out of a pump nobody need know the name: the broker gives an empty client id the right one.
  return first === undefined ? [{ ...NAMELESS, clientId: '' }] : [first, ...rest];
}

function guise(identity: Identity): Guise {
  return { clientId: clientIdOf(identity), identity };
}
