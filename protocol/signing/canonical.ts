import canonicalizeModule from 'canonicalize';

// The package's types promise an ES default, its code is one CommonJS function: ask instead of believing either.
const canonicalize: unknown = canonicalizeModule;

/**
 * The bytes that a signature of a message covers: the message without its `signatures`, in the canonical form of
 * RFC 8785. Both ends build them from the parsed value, so formatting and the order of members do not matter.
 */
export function signedBytes(message: Readonly<Record<string, unknown>>): Buffer {
  const { signatures: _, ...content } = message;
  return canonicalBytes(content);
}

/** The canonical form of RFC 8785 of any JSON value. */
export function canonicalBytes(value: unknown): Buffer {
  if (typeof canonicalize !== 'function')
    throw new TypeError('the canonicalize package has changed its shape');
  const text: unknown = canonicalize(value);
  if (typeof text !== 'string') throw new TypeError('not a JSON value');
  return Buffer.from(text, 'utf8');
}
