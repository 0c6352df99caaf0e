import { type ControlId, type Identity, sameIdentity } from '../../protocol/index.ts';

export type Takeover =
  | { readonly allowed: true; readonly cause: string }
  | { readonly allowed: false; readonly control: ControlId; readonly cause: string };

/**
 * Whether a new session may end the one that holds its client id [MQTT-3.1.4-2].
 *
 * With `identity-binding` it is the same identity's, always: a client id belongs to one identity. The question is asked all the same, so
 * that a client id of which two certificates could lay claim does not become a way to throw somebody out. Without the control, or
 * without certificates, the one that came last has it, which is the weakness that the control mends.
 *
 * @param holder identity that the certificate of the standing session proves; `undefined` if it showed none
 */
export function judgeTakeover(
  holder: Identity | undefined,
  claimant: Identity | undefined,
  controls: ReadonlySet<ControlId>,
): Takeover {
  if (holder !== undefined && claimant !== undefined && sameIdentity(holder, claimant)) {
    return { allowed: true, cause: 'the same identity connected again' };
  }
  const proved = holder !== undefined || claimant !== undefined;
  if (proved && controls.has('identity-binding')) {
    return {
      allowed: false,
      control: 'identity-binding',
      cause: 'the client id is in use by another identity',
    };
  }
  return { allowed: true, cause: proved ? 'by another identity' : 'by somebody who claims the same name' };
}
