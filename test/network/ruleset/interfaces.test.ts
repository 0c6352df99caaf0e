import { expect, test } from 'vitest';
import { routerBatch } from '../../../network/lab/wiring.ts';
import { withInterfaces } from '../../../network/ruleset/interfaces.ts';
import { shippedLayout } from '../../helpers/lab.ts';

const layout = shippedLayout(2);
const guestAt = (name: string) => withInterfaces(layout, new Map([['guest', name]]));

test.each(['eth1.22', 'br', 'guest-wifi', '_x', 'bond0', 'x'.repeat(15)])('%j is taken', (name) => {
  expect(guestAt(name).zones.find(({ id }) => id === 'guest')?.interface).toBe(name);
});

test.each([
  ...[
    '',
    '#x',
    'eth%d',
    'a*',
    'a;b',
    '-h',
    '.',
    '..',
    'a b',
    'a/b',
    'a:b',
    'a"b',
    'a\nb',
    '\u00e9'.repeat(15),
  ],
  ...['x'.repeat(16), 'lo', 'all', 'default', 'help', 'type', 'dev', 'name', 'port0-a', 'port12-v'],
])('%j is bad input', (name) => {
  expect(() => guestAt(name)).toThrow(expect.objectContaining({ code: 'PR_USAGE' }));
});

test("no port of the router's cables has a name that a zone can have", () => {
  const ports = routerBatch('x', layout).lines.flatMap(
    (line) => /^link add (\S+) type veth/.exec(line)?.[1] ?? [],
  );
  expect(ports).toHaveLength(18);
  for (const port of ports) expect(() => guestAt(port)).toThrow(/no interface of the router/);
});
