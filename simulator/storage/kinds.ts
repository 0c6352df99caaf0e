/** What a pump stores, by kind. */
export const STORED_KINDS = [
  'network-key',
  'directory-credential',
  'private-key',
  'certificate',
  'configuration',
  'library',
  'log',
] as const;
export type StoredKind = (typeof STORED_KINDS)[number];

/** What serves whoever has it: the rest is known to many, or says only how the pump is set up. */
const SECRET_KINDS: ReadonlySet<StoredKind> = new Set(['network-key', 'directory-credential', 'private-key']);

export function isSecret(kind: StoredKind): boolean {
  return SECRET_KINDS.has(kind);
}

export function isStoredKind(text: string): text is StoredKind {
  return STORED_KINDS.some((kind) => kind === text);
}
