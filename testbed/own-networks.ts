import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { isLoopback, isPrivate, PumprangeError, standInOwnNetwork } from '../protocol/index.ts';
import { defaultGateways } from './default-gateways.ts';
import { environment } from './environment.ts';
import type { GroundOptions } from './ground.ts';
import { addressesOf, parseStanding } from './standing-places.ts';

/** What of this process says in whose network it stands. */
export interface Surroundings {
  /** The network namespace of this process, as `device:inode`; `undefined` where there are none. */
  readonly namespace: string | undefined;
  /** That of the machine itself; `undefined` where this user may not know. */
  readonly firstNamespace: string | undefined;
  /** Those that are named `pr-*`. */
  readonly labNamespaces: readonly string[];
  readonly isContainer: boolean;
  /** What `docker-compose.yml` says is the router of this container's network; absent: it is none of that file's. */
  readonly composeRouter: string | undefined;
  /** Where this machine sends what is for nobody it knows; `null` for a way that has no gateway. */
  readonly gateways: readonly (string | null)[];
}

/** @returns why a process in these surroundings may not use private addresses; `undefined`: it may. */
export function whyNotOurs(at: Surroundings): string | undefined {
  const isLab = at.namespace !== undefined && at.labNamespaces.includes(at.namespace);
  if (isLab && at.firstNamespace === undefined)
    return 'this user may not see which network namespace is that of the machine itself';
  if (isLab && at.namespace !== at.firstNamespace) return undefined;
  if (at.composeRouter === undefined || !at.isContainer) {
    return 'this process is neither in a network namespace of the lab nor in a container of docker-compose.yml';
  }
  const astray = at.gateways.find((gateway) => gateway !== at.composeRouter);
  if (astray === undefined) return undefined;
  return `this container has a way out by ${astray ?? 'a route without a gateway'}, not only by the router ${at.composeRouter}`;
}

/**
 * The guardrail for addresses that are named on the command line: loopback always; private ones in a network namespace of the lab and in
 * a container of our compose file, and nowhere else.
 *
 * @throws PumprangeError `PR_GUARDRAIL`
 */
export function admitAddresses(addresses: readonly string[], look = surroundings): void {
  const others = addresses.filter((address) => !isLoopback(address));
  if (others.length === 0) return;
  const stranger = others.find((address) => !isPrivate(address));
  if (stranger !== undefined) {
    throw new PumprangeError(
      'PR_GUARDRAIL',
      `${stranger} is neither loopback nor an address of a private network`,
    );
  }
  const reason = whyNotOurs(look());
  if (reason !== undefined) throw new PumprangeError('PR_GUARDRAIL', `${others.join(', ')}: ${reason}`);
  standInOwnNetwork();
}

/**
 * What the addresses of a command line say, once they are admitted.
 *
 * @throws PumprangeError `PR_GUARDRAIL`, `PR_USAGE`
 */
export function standingAt(said: {
  readonly address?: string | undefined;
  readonly brokerAddress?: string | undefined;
  readonly statusAddress?: string | undefined;
}): Pick<GroundOptions, 'standing' | 'brokerAddress' | 'statusAddress'> {
  const { address, brokerAddress, statusAddress } = said;
  const standing = address === undefined ? undefined : parseStanding(address);
  const own = standing?.places.flatMap(addressesOf) ?? [];
  admitAddresses([...own, ...[brokerAddress, statusAddress].flatMap((one) => one ?? [])]);
  return { standing, brokerAddress, statusAddress };
}

/** Whether this process runs in a container of docker-compose.yml. */
export function isComposeContainer(): boolean {
  const { isContainer, composeRouter } = surroundings();
  return isContainer && composeRouter !== undefined;
}

const NAMED_NAMESPACES = '/run/netns';

function surroundings(): Surroundings {
  const named = existsSync(NAMED_NAMESPACES) ? readdirSync(NAMED_NAMESPACES) : [];
  return {
    namespace: namespaceAt('/proc/self/ns/net'),
    firstNamespace: firstNamespace(),
    labNamespaces: named
      .filter((name) => name.startsWith('pr-'))
      .flatMap((name) => namespaceAt(`${NAMED_NAMESPACES}/${name}`) ?? []),
    // Docker makes the one, Podman the other.
    isContainer: existsSync('/.dockerenv') || existsSync('/run/.containerenv'),
    composeRouter: environment.composeRouter,
    gateways: defaultGateways(textOf('/proc/net/route'), textOf('/proc/net/ipv6_route')),
  };
}

/** That of process 1. Who may not look at that one may look at the kernel's own threads, which stand in the first namespace, too. */
function firstNamespace(): string | undefined {
  const ofFirst = namespaceAt('/proc/1/ns/net');
  if (ofFirst !== undefined) return ofFirst;
  return textOf('/proc/2/comm').trim() === 'kthreadd' ? namespaceAt('/proc/2/ns/net') : undefined;
}

function namespaceAt(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path);
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
