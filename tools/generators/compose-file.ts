import { join } from 'node:path';
import { type Layout, layOut, loadZonePlan } from '../../network/index.ts';
import { HOUSE } from '../house.ts';

const ZONES = 'network/zones/sp1800-8.yaml';
const EVERY_PLACE = Number.MAX_SAFE_INTEGER;
const PUMPS_A_CONTAINER = 3;
/** Where the router's container is plugged in before it takes its own place, the first one. */
const PLUG_PLACE = 2;
const PORTS = { broker: 8883, est: 8443, status: 8080 } as const;

interface Service {
  readonly name: string;
  /** Which asset of the plan it is. */
  readonly asset: string;
  readonly comment: string;
  /** What the image is to run; absent: nothing, until somebody runs something in it. */
  readonly command?: readonly string[];
  readonly after: readonly string[];
  readonly keepsData: boolean;
  /** Many containers, wherever there is room for them. */
  readonly isMany?: boolean;
}

/** `docker-compose.yml`: the floor of the zone plan, a network a zone and a container a component. */
export function composeFile(): string {
  const policy = loadZonePlan(join(HOUSE, ZONES));
  const layout = layOut(policy, EVERY_PLACE);
  const services = servicesOf(layout).map((service) => serviceText(service, layout));
  return [
    HEAD,
    'services:',
    routerText(layout),
    ...services,
    'networks:',
    ...networksText(layout),
    TAIL,
  ].join('\n');
}

function servicesOf(layout: Layout): readonly Service[] {
  const broker = placeOf(layout, 'broker').ipv4;
  const est = placeOf(layout, 'est').ipv4;
  const status = ['--status-port', `${PORTS.status}`];
  const floor = ['--port', `${PORTS.broker}`, '--broker-address', broker, ...status, '--status-address', est];
  const serve = (component: string, address: string, ...flags: string[]): readonly string[] => [
    ...['serve', component, '--dir', '/data', '--posture', `\${POSTURE:-layered}`],
    ...['--health-file', '/tmp/healthy', '--address', address, ...flags],
  ];
  return [
    {
      ...{
        name: 'pki',
        asset: 'est',
        comment: 'Certificates: enrolment (EST), and their status (OCSP, CRL).',
      },
      command: serve('pki', est, '--port', `${PORTS.est}`, ...status),
      ...{ after: ['router'], keepsData: true },
    },
    {
      ...{ name: 'broker', asset: 'broker', comment: 'The MQTT broker.' },
      command: serve(
        'broker',
        broker,
        ...floor.filter((flag) => flag !== '--broker-address' && flag !== broker),
      ),
      ...{ after: ['pki'], keepsData: true },
    },
    {
      ...{ name: 'pump-server', asset: 'pump-server', comment: "The hospital's side of the pumps." },
      command: serve('pump-server', placeOf(layout, 'pump-server').ipv4, ...floor),
      ...{ after: ['broker'], keepsData: true },
    },
    {
      name: 'pumps',
      asset: 'pump',
      comment: `${PUMPS_A_CONTAINER} pumps at one address, numbered after it: \`--scale pumps=4\` makes ${4 * PUMPS_A_CONTAINER}.`,
      command: serve(
        'pumps',
        'own',
        ...['--pumps', `${PUMPS_A_CONTAINER}`, '--firmware', `\${FIRMWARE:-1.2.0}`, ...floor],
      ),
      ...{ after: ['broker'], keepsData: true, isMany: true },
    },
    {
      ...{
        name: 'observer',
        asset: 'monitoring',
        comment: "Security operations' ear on the broker: it reads and counts.",
      },
      command: serve('observer', placeOf(layout, 'monitoring').ipv4, ...floor),
      ...{ after: ['broker'], keepsData: true },
    },
    {
      name: 'red-team',
      asset: 'guest-laptop',
      comment: "A visitor's laptop, with our command and without a key of the floor.",
      ...{ after: ['router'], keepsData: false },
    },
  ];
}

function serviceText(
  { name, asset, comment, command, after, keepsData, isMany }: Service,
  layout: Layout,
): string {
  const { zone, ipv4 } = placeOf(layout, asset);
  return [
    `  # ${comment}`,
    `  ${name}:`,
    '    <<: *component',
    ...(command === undefined
      ? [
          '    entrypoint: ["sleep", "infinity"]',
          '    stop_signal: SIGKILL',
          '    healthcheck: { test: ["CMD-SHELL", "test -x /usr/local/bin/pumprange"], interval: 2s }',
        ]
      : commandText(command)),
    `    environment: { PUMPRANGE_COMPOSE_ROUTER: ${zoneOf(layout, zone).router.ipv4} }`,
    `    dns: [${placeOf(layout, 'dns').ipv4}]`,
    ...(keepsData ? ['    volumes: ["floor:/data"]'] : []),
    '    networks:',
    `      ${zone}: ${isMany === true ? '{}' : `{ ipv4_address: ${ipv4} }`}`,
    '    depends_on:',
    ...after.map((other) => `      ${other}: { condition: service_healthy }`),
    '',
  ].join('\n');
}

function routerText(layout: Layout): string {
  const [first] = layout.zones;
  if (first === undefined) throw new Error('there is no zone');
  return [
    '  # Between all zones, with the firewall that the zone plan compiles to. Names of interfaces, addresses and rules are',
    "  # root's to change: it has that one right, in a network of its own, and no other.",
    '  router:',
    '    <<: *component',
    '    build: { context: ., target: router }',
    '    image: pumprange-router',
    '    user: "0:0"',
    '    cap_add: [NET_ADMIN]',
    '    sysctls: { net.ipv4.ip_forward: "1" }',
    ...commandText(['serve', 'router', '--health-file', '/tmp/healthy']),
    `    environment: { PUMPRANGE_COMPOSE_ROUTER: ${first.router.ipv4} }`,
    `    dns: [${placeOf(layout, 'dns').ipv4}]`,
    '    networks:',
    ...layout.zones.map((zone) => `      ${zone.id}: { ipv4_address: ${plugOf(zone.router.ipv4)} }`),
    '',
  ].join('\n');
}

function commandText(command: readonly string[]): string[] {
  // An option and what it is set to stand in one line.
  const lines: string[][] = [];
  for (const word of command) {
    if (word.startsWith('--') || lines.length === 0) lines.push([word]);
    else lines.at(-1)?.push(word);
  }
  return [
    '    command:',
    '      [',
    ...lines.map((line) => `        ${line.map((word) => JSON.stringify(word)).join(', ')},`),
    '      ]',
  ];
}

function networksText(layout: Layout): string[] {
  return layout.zones.flatMap((zone) => {
    const block = blockOf(zone.router.ipv4, zone.ipv4Bits);
    const many = layout.places.filter((place) => place.zone === zone.id && place.index > 0);
    const range = many.length === 0 ? [] : [`ip_range: ${largestBlock(layout, zone.id)}`];
    const configuration = [`subnet: ${block}`, ...range, `gateway: ${zone.router.ipv4}`].join(', ');
    return [`  ${zone.id}:`, '    <<: *zone', `    ipam: { config: [{ ${configuration} }] }`];
  });
}

/** The largest block that lies within the places of an asset that is many: there Docker puts its containers. */
function largestBlock(layout: Layout, zone: string): string {
  const places = layout.places.filter((place) => place.zone === zone).map(({ ipv4 }) => ipv4);
  const taken = new Set(places);
  for (let bits = 24; bits <= 32; bits++) {
    const size = 2 ** (32 - bits);
    const start = places.find((address) => {
      const { prefix, last } = split(address);
      return (
        last % size === 0 &&
        Array.from({ length: size }, (_, at) => `${prefix}${last + at}`).every((one) => taken.has(one))
      );
    });
    if (start !== undefined) return `${start}/${bits}`;
  }
  throw new Error(`no room in ${zone}`);
}

function split(address: string): { readonly prefix: string; readonly last: number } {
  const at = address.lastIndexOf('.') + 1;
  return { prefix: address.slice(0, at), last: Number(address.slice(at)) };
}

function plugOf(router: string): string {
  const { prefix, last } = split(router);
  return `${prefix}${last - 1 + PLUG_PLACE}`;
}

/** The router has the first place of its zone. */
function blockOf(router: string, bits: number): string {
  const { prefix, last } = split(router);
  return `${prefix}${last - 1}/${bits}`;
}

function zoneOf(layout: Layout, id: string) {
  const zone = layout.zones.find((one) => one.id === id);
  if (zone === undefined) throw new Error(`there is no zone ${id}`);
  return zone;
}

function placeOf(layout: Layout, asset: string) {
  const place = layout.places.find((one) => one.asset === asset);
  if (place === undefined) throw new Error(`${asset} has no place`);
  return place;
}

const HEAD = `# Generated from ${ZONES} by \`npm run generate\`. Do not edit. TRAINING, NOT FOR HUMAN USE.
#
# A hospital floor: a network for each zone of the plan, a container for each component, and between the zones one
# router with the plan's firewall. \`docker compose up\` starts it; docs/compose.md has the rest.

x-component: &component
  build: .
  image: pumprange
  read_only: true
  tmpfs: ["/tmp:mode=1777"]
  cap_drop: [ALL]
  security_opt: ["no-new-privileges:true"]
  # The control port is standard input; it ends the component when it is closed.
  stdin_open: true
  healthcheck: { test: ["CMD-SHELL", "test -e /tmp/healthy"], interval: 2s, timeout: 5s, retries: 60 }

# The host has no address in these networks and hides nobody behind one of its own: the gateway is our router, and
# nothing leads out (docs/decisions/0018-compose-networks.md).
x-zone: &zone
  driver: bridge
  driver_opts:
    com.docker.network.bridge.inhibit_ipv4: "true"
    com.docker.network.bridge.enable_ip_masquerade: "false"
`;

const TAIL = `
volumes:
  floor:
`;
