import { z } from 'zod';

/** Machines that speak. */
export const MACHINE_KINDS = [
  'pump',
  'pump-server',
  'broker',
  'nurse-station',
  'gateway',
  'vendor',
  'observer',
  'est-server',
] as const;

/** People, who sign with keys of their own: a workstation is not a person. */
export const PERSON_KINDS = ['nurse', 'pharmacist', 'biomed', 'clinical-engineer', 'security'] as const;

export const KINDS = [...MACHINE_KINDS, ...PERSON_KINDS] as const;
export type Kind = (typeof KINDS)[number];

/** Who somebody is: the content of the URI in the subject alternative name of a certificate. */
export interface Identity {
  readonly kind: Kind;
  readonly id: string;
}

/** `urn:pumprange:<kind>:<id>` */
export type IdentityUrn = `urn:pumprange:${Kind}:${string}`;

/** Letters, digits, `-`, `_` and `.`: nothing that means something in a topic, a path, a URI or a name. */
const ID = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/;

export function isId(text: string): boolean {
  return ID.test(text);
}

export function isKind(text: string): text is Kind {
  return (KINDS as readonly string[]).includes(text);
}

export function urnOf(identity: Identity): IdentityUrn {
  return `urn:pumprange:${identity.kind}:${identity.id}`;
}

/** @returns `undefined` if the text is not a well-formed identity of a known kind. */
export function parseUrn(urn: string): Identity | undefined {
  const [scheme, namespace, kind, id, ...rest] = urn.split(':');
  if (scheme !== 'urn' || namespace !== 'pumprange' || rest.length > 0) return undefined;
  if (kind === undefined || id === undefined || !isKind(kind) || !isId(id)) return undefined;
  return { kind, id };
}

/**
 * The MQTT client id of an identity: `<kind>:<id>`. Kinds that watch may hold several sessions at once and then
 * append `/<anything>`.
 */
export function clientIdOf(identity: Identity): string {
  return `${identity.kind}:${identity.id}`;
}

/** The identity that a client id claims. Where `mutual-tls` is on, this is a claim and nothing more. */
export function parseClientId(clientId: string): Identity | undefined {
  const [name = ''] = clientId.split('/', 1);
  const colon = name.indexOf(':');
  const kind = name.slice(0, colon);
  const id = name.slice(colon + 1);
  return colon > 0 && isKind(kind) && isId(id) ? { kind, id } : undefined;
}

export function sameIdentity(a: Identity, b: Identity): boolean {
  return a.kind === b.kind && a.id === b.id;
}

/** A pump's serial number, as on its label. */
export type Serial = string & { readonly __brand: 'Serial' };

/** @returns `undefined` if the text cannot be a serial number. */
export function parseSerial(text: string): Serial | undefined {
  return isId(text) ? (text as Serial) : undefined;
}

export const urnSchema = z
  .string()
  .refine((text): text is IdentityUrn => parseUrn(text) !== undefined, 'not urn:pumprange:<kind>:<id>');
export const serialSchema = z
  .string()
  .refine((text): text is Serial => parseSerial(text) !== undefined, 'not a serial number');
