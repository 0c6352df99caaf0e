import { DialRefusedError } from '../../../protocol/index.ts';
import type { ReachedService } from '../../engine/observation.ts';
import type { AttackGround, FloorService } from '../../engine/port.ts';
import type { ASSETS } from '../../format/adversary-actions/network.ts';

/** Whoever looks at more than this has seen the floor. */
const MOST_SERVICES = 500;

/** Opens a connection to each service, one after the other, and closes those that stay open. */
export async function probe(
  ground: AttackGround,
  assets: readonly (typeof ASSETS)[number][],
): Promise<readonly ReachedService[]> {
  const found: ReachedService[] = [];
  const services = ground.services().filter(({ service }) => assets.includes(service));
  for (const service of services.slice(0, MOST_SERVICES)) {
    if (await answers(ground, service)) found.push({ ...placeOf(service), atMs: ground.clock.now() });
  }
  return found;
}

async function answers(ground: AttackGround, service: FloorService): Promise<boolean> {
  const endpoint = ground.endpoint(service);
  if (endpoint === undefined) return false;
  try {
    const over = isOverTls(service) ? 'tls' : 'plaintext';
    const socket = await ground.open({ ...endpoint, over });
    // A packet filter lets nobody shake hands. Ours accepts and cuts, so what matters is what is still open once the wire is quiet. Over
    // TLS the server has said its name before it asks for ours.
    const isOpen = isOverTls(service) || !socket.destroyed;
    socket.destroy();
    return isOpen;
  } catch (error) {
    if (!(error instanceof DialRefusedError)) throw error;
    if (service.service === 'pump') ground.foundClosed(service.serial, service.name);
    return false;
  }
}

function isOverTls(service: FloorService): boolean {
  return service.service === 'enrolment' || (service.service === 'broker' && service.listener === 'tls');
}

function placeOf(service: FloorService): Omit<ReachedService, 'atMs'> {
  switch (service.service) {
    case 'broker':
      return { asset: 'broker', serial: null, name: `mqtt-${service.listener}` };
    case 'enrolment':
      return { asset: 'enrolment', serial: null, name: 'est' };
    case 'pump':
      return { asset: 'pump', serial: service.serial, name: service.name };
  }
}
