import { createInterface } from 'node:readline';
import type { Lab } from '../../../network/lab/index.ts';
import type { ZonePolicy } from '../../../network/plan/policy.ts';

/** Says that it is there, on every port that it is given: TCP greets, UDP answers. Ends with its standard input. */
const PROGRAM = `
const net = require('node:net'), dgram = require('node:dgram');
const at = JSON.parse(process.argv[1]);
let left = at.length;
const up = () => { if (--left === 0) console.log('up'); };
for (const { protocol, host, port } of at) {
  if (protocol === 'tcp') {
    net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write('PUMPRANGE STAND-IN/1\\n');
      socket.once('data', () => socket.end('OK\\n'));
    }).listen({ host, port, backlog: 1024 }, up);
  } else {
    const socket = dgram.createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.on('message', (bytes, from) => socket.send(bytes, from.port, from.address, () => undefined));
    socket.bind(port, host, up);
  }
}
process.stdin.resume().once('end', () => process.exit(0));
`;

/** Something small behind every planned service of a lab, but for those that are left out. They go with the lab. */
export async function startStandIns(
  lab: Lab,
  policy: ZonePolicy,
  without: readonly string[] = [],
): Promise<void> {
  await Promise.all(
    lab.layout.zones.map(async ({ id }) => {
      const at = lab.layout.places
        .filter(({ zone }) => zone === id)
        .flatMap(({ asset, ipv4, ipv6 }) =>
          policy.assets
            .get(asset)!
            .services.filter(({ name }) => !without.includes(name))
            .flatMap(({ protocol, port }) =>
              [ipv4, ipv6].flatMap((host) => (host === undefined ? [] : { protocol, host, port })),
            ),
        );
      if (at.length === 0) return;
      const child = lab.spawn(
        { zone: id, side: 'assets' },
        [process.execPath, '-e', PROGRAM, JSON.stringify(at)],
        {
          stdio: ['pipe', 'pipe', 'inherit'],
        },
      );
      await new Promise<void>((resolve, reject) => {
        createInterface({ input: child.stdout! }).once('line', () => resolve());
        child.once('exit', (code) => reject(new Error(`the stand-ins of ${id} ended with ${code}`)));
      });
    }),
  );
}
