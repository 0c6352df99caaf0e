import type { Addresses, LaidZone, Layout } from '../plan/layout.ts';
import { namespaceOf, routerNamespace, type Side } from './names.ts';

/** What `ip -batch` is to do in one namespace. */
export interface Batch {
  readonly namespace: string;
  readonly lines: readonly string[];
}

/** Settings of the kernel in one namespace: files below `/proc/sys/net` that get the same value. */
export interface Settings {
  readonly namespace: string;
  readonly value: '0' | '1';
  readonly files: readonly string[];
}

/** The interface of a zone's devices, in their own namespace. */
export const DEVICE = 'eth0';
const SIDES: readonly Side[] = ['assets', 'visitor'];
const ROUTER_LINK_LOCAL = 'fe80::1/64';

/** A bridge for each zone, the router's address on it, and on it a cable to the zone's assets and one to its visitor. */
export function routerBatch(lab: string, { zones }: Layout): Batch {
  const lines = zones.flatMap((zone, index) => [
    // With "name" and "dev", a name is a name even where it is also a word of `ip`, or begins one.
    `link add name ${zone.interface} type bridge stp_state 0 mcast_snooping 0`,
    `link set dev ${zone.interface} up addrgenmode none`,
    ...SIDES.flatMap((side) => cable(lab, zone, side, index)),
    ...addressLines(zone, zone.router, zone.interface),
    ...(zone.router.ipv6 === undefined ? [] : [`addr add ${ROUTER_LINK_LOCAL} dev ${zone.interface} nodad`]),
  ]);
  return { namespace: routerNamespace(lab), lines: ['link set lo up', ...lines] };
}

function cable(lab: string, zone: LaidZone, side: Side, index: number): readonly string[] {
  const port = portOf(side, index);
  const other = namespaceOf(lab, { zone: zone.id, side });
  return [
    // Both ends are made where they belong: none is ever among the interfaces of the host.
    `link add ${port} type veth peer name ${DEVICE} netns ${other}`,
    `link set ${port} master ${zone.interface} addrgenmode none`,
    // As access points do it: ports of the same bridge that reach the router, and not each other.
    ...(zone.isOpenInside ? [] : [`link set ${port} type bridge_slave isolated on`]),
    `link set ${port} up`,
  ];
}

/** The router's end of a zone's cable. */
function portOf(side: Side, index: number): string {
  return `port${index}-${side === 'assets' ? 'a' : 'v'}`;
}

/** The addresses of everything that stands in a zone, and of its visitor, and the way to the router. */
export function zoneBatches(lab: string, { zones, places }: Layout): readonly Batch[] {
  return zones.flatMap((zone) =>
    SIDES.map((side) => {
      const own = side === 'visitor' ? [zone.visitor] : places.filter((place) => place.zone === zone.id);
      return {
        namespace: namespaceOf(lab, { zone: zone.id, side }),
        lines: [
          'link set lo up',
          `link set ${DEVICE} up`,
          ...own.flatMap((addresses) => addressLines(zone, addresses, DEVICE)),
          ...routeLines(own, zone),
        ],
      };
    }),
  );
}

function addressLines(zone: LaidZone, { ipv4, ipv6 }: Addresses, device: string): readonly string[] {
  return [
    `addr add ${ipv4}/${zone.ipv4Bits} dev ${device}`,
    // Nobody else can have it, so nobody is asked [RFC 4862 §5.4].
    ...(ipv6 === undefined || zone.ipv6Bits === undefined
      ? []
      : [`addr add ${ipv6}/${zone.ipv6Bits} dev ${device} nodad`]),
  ];
}

/** Where nothing has an address, no way leads anywhere. */
function routeLines(own: readonly Addresses[], { router }: LaidZone): readonly string[] {
  if (own.length === 0) return [];
  return [
    `route add default via ${router.ipv4}`,
    ...(router.ipv6 === undefined ? [] : [`route add default via ${router.ipv6}`]),
  ];
}

/**
 * What the kernel is told before there is any interface. Router: forwards, and leaves it to the ruleset alone who gets through; what stays
 * on a bridge is not its business, also where Docker has loaded `br_netfilter`. Everywhere: no addresses by themselves.
 *
 * @param has whether the kernel of this machine has a setting
 */
export function settings(
  lab: string,
  { zones }: Layout,
  withIpv6: boolean,
  has: (file: string) => boolean,
): readonly Settings[] {
  const router = routerNamespace(lab);
  const hosts = zones.flatMap(({ id }) => SIDES.map((side) => namespaceOf(lab, { zone: id, side })));
  const quiet = withIpv6 ? QUIET_IPV6 : [];
  return [
    { namespace: router, value: '1', files: ['ipv4/ip_forward', ...(withIpv6 ? FORWARD_IPV6 : [])] },
    { namespace: router, value: '0', files: [...quiet, ...ROUTER_OFF.filter(has)] },
    ...hosts.flatMap((namespace): Settings[] =>
      withIpv6 ? [{ namespace, value: '0', files: [...quiet, ...REDIRECTS_OFF] }] : [],
    ),
  ];
}

const FORWARD_IPV6 = ['ipv6/conf/all/forwarding', 'ipv6/conf/default/forwarding'];
const QUIET_IPV6 = [
  'ipv6/conf/all/disable_ipv6',
  'ipv6/conf/default/disable_ipv6',
  'ipv6/conf/default/accept_dad',
  'ipv6/conf/default/accept_ra',
];
const REDIRECTS_OFF = ['ipv6/conf/default/accept_redirects'];
const ROUTER_OFF = [
  'ipv4/conf/all/rp_filter',
  'ipv4/conf/default/rp_filter',
  'ipv4/conf/all/send_redirects',
  'ipv4/conf/default/send_redirects',
  'bridge/bridge-nf-call-iptables',
  'bridge/bridge-nf-call-ip6tables',
  'bridge/bridge-nf-call-arptables',
];

/** The same plan without the second version of IP. */
export function ipv4Only({ zones, places }: Layout): Layout {
  const plain = ({ ipv4 }: Addresses): Addresses => ({ ipv4 });
  return {
    zones: zones.map(({ ipv6Bits: _, ...zone }) => ({
      ...zone,
      router: plain(zone.router),
      visitor: plain(zone.visitor),
    })),
    places: places.map(({ ipv6: _, ...place }) => place),
  };
}

export function hasIpv6({ zones }: Layout): boolean {
  return zones.some(({ router }) => router.ipv6 !== undefined);
}
