import { type ControlId, clientIdOf, type Identity, parseClientId } from '../../protocol/index.ts';

/** Kinds that may hold several sessions at once, told apart by a suffix behind a slash. */
const MANY_SESSIONS: ReadonlySet<Identity['kind']> = new Set(['observer', 'nurse-station', 'gateway']);

export type Binding =
  | { readonly bound: true; readonly identity: Identity; readonly clientId: string }
  | { readonly bound: false; readonly control: ControlId; readonly cause: string };

/**
 * Who a session is, and under which client id. With a certificate the identity is the certificate's, and the client id
 * has to be that identity's: `<kind>:<id>`, for kinds that watch also `<kind>:<id>/<anything>`. An empty client id
 * gets the right one. Without a certificate the claim is all there is.
 *
 * @param proved identity of the certificate, or `undefined` on a listener that asks for none
 * @param session a number that tells sessions of one identity apart
 */
export function bindIdentity(
  proved: Identity | undefined,
  claimedClientId: string,
  controls: ReadonlySet<ControlId>,
  session: number,
): Binding {
  if (proved === undefined) {
    const claimed = parseClientId(claimedClientId);
    // A floor without certificates takes any name; what is no identity of ours gets the least of them.
    const identity = claimed ?? { kind: 'observer', id: `anonymous-${session}` };
    return { bound: true, identity, clientId: claimedClientId || clientIdOf(identity) };
  }
  const own = clientIdOf(proved);
  const suffixed = MANY_SESSIONS.has(proved.kind);
  if (claimedClientId === '') {
    return { bound: true, identity: proved, clientId: suffixed ? `${own}/${session}` : own };
  }
  const fits = claimedClientId === own || (suffixed && claimedClientId.startsWith(`${own}/`));
  if (fits) return { bound: true, identity: proved, clientId: claimedClientId };
  if (!controls.has('identity-binding')) {
    // Unbound, the name that a client gives itself is the one that counts: the weakness that the control mends.
    return { bound: true, identity: parseClientId(claimedClientId) ?? proved, clientId: claimedClientId };
  }
  return {
    bound: false,
    control: 'identity-binding',
    cause: `client id ${JSON.stringify(claimedClientId.slice(0, 64))} is not that of ${own}`,
  };
}
