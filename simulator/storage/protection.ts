import { isEffective, type WeaknessId } from '../../protocol/firmware/index.ts';
import type { ControlId } from '../../protocol/index.ts';
import type { StoredKind } from './kinds.ts';

/** What protects the memory of a pump now. */
export interface Protection {
  readonly controls: ReadonlySet<ControlId>;
  /** Of the firmware that the pump has. */
  readonly weaknesses: readonly WeaknessId[];
}

/** An expected denial. `control` is `null` where there is nothing of the kind. */
export interface Withheld {
  readonly ok: false;
  readonly control: ControlId | null;
  readonly reason: string;
}

/**
 * Why somebody outside the pump's own software does not read what it stores, or `null`: the one place of `key-protection`, and with
 * `whyNotAltered` of `storage-protection`.
 */
export function whyWithheld(kind: StoredKind, { controls, weaknesses }: Protection): Withheld | null {
  if (kind === 'private-key' && isEffective('key-protection', controls, weaknesses)) {
    return { ok: false, control: 'key-protection', reason: 'the key does not leave its chip' };
  }
  if (isEffective('storage-protection', controls, weaknesses)) {
    return { ok: false, control: 'storage-protection', reason: 'what is stored is enciphered' };
  }
  return null;
}

/** Why somebody outside does not alter what a pump stores, or `null`. */
export function whyNotAltered({ controls, weaknesses }: Protection): Withheld | null {
  if (!isEffective('storage-protection', controls, weaknesses)) return null;
  return { ok: false, control: 'storage-protection', reason: 'what is stored is checked against its seal' };
}
