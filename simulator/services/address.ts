/** Addresses of a half of 127.20.0.0/16. */
const HALF = 128 * 254;

/**
 * The loopback address of a pump's own services, 127.20.x.y: the lower half for a live ward, where scanners find it by its number, the
 * upper one for rehearsals, of which several may run at once. Only Linux answers on all of 127/8; elsewhere it is 127.0.0.1.
 *
 * @param index of the pump in its fleet, from 0; beyond 32,512 addresses are shared
 */
export function serviceHost(index: number, use: 'ward' | 'rehearsal', platform: NodeJS.Platform): string {
  if (platform !== 'linux') return '127.0.0.1';
  const place = index % HALF;
  return `127.20.${Math.floor(place / 254) + (use === 'ward' ? 0 : 128)}.${(place % 254) + 1}`;
}
