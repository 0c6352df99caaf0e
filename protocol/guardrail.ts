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
