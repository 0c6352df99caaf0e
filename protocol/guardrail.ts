import { isIPv4, isIPv6 } from 'node:net';

/**
 * Whether an address is loopback. Sockets are bound and contacted only there, in the network namespaces of the
 * project and in its compose networks; a name is never resolved to find out, except `localhost`.
 */
export function isLoopback(address: string): boolean {
  if (address === 'localhost') return true;
  const plain = address.replace(/^::ffff:/i, '');
  if (isIPv4(plain)) return plain.startsWith('127.');
  return isIPv6(plain) && /^(?:0*:)*0*1$/.test(plain) && plain.includes(':');
}

/** Whether an address is one of a private network [RFC 1918] or unique local [RFC 4193]; with a `%scope` it is not. */
export function isPrivate(address: string): boolean {
  const plain = address.replace(/^::ffff:/i, '');
  if (isIPv4(plain)) return /^(?:10|192\.168|172\.(?:1[6-9]|2[0-9]|3[01]))\./.test(plain);
  return isIPv6(plain) && /^f[cd][0-9a-f]{2}:/i.test(plain) && !plain.includes('%');
}

let standsInOwnNetwork = false;

/**
 * Says that this process stands in a network of the project, so that it may use private addresses, too. Of a process, and for its whole
 * life: a network namespace is. Called by `testbed/own-networks.ts` alone, which has looked.
 */
export function standInOwnNetwork(): void {
  standsInOwnNetwork = true;
}

/** Whether an address may be bound or contacted: loopback, and in the project's own networks private ones. */
export function isOurs(address: string): boolean {
  return isLoopback(address) || (standsInOwnNetwork && isPrivate(address));
}
