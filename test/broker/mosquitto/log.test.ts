import { expect, test } from 'vitest';
import { MosquittoLog } from '../../../broker/index.ts';
import type { EvidenceEntry } from '../../../protocol/index.ts';

const PUMP = 'urn:pumprange:pump:LVP-0001';
const THIEF = 'urn:pumprange:pump:LVP-0009';

function told(...lines: string[]): EvidenceEntry[] {
  const entries: EvidenceEntry[] = [];
  const log = new MosquittoLog((entry) => entries.push(entry));
  for (const line of lines) log.take(`2026-11-28T22:35:30: ${line}`);
  return entries;
}
const connected = (id: string, urn?: string): string =>
  `New client connected from 127.0.0.1:48432 as ${id} (p2, c1, k300${urn === undefined ? '' : `, u'${urn}'`}).`;

test.each([
  `Client ${PUMP} disconnected.`,
  `Client ${PUMP} closed its connection.`,
  `Client ${PUMP} has exceeded timeout, disconnecting.`,
  `Client ${PUMP} disconnected: Protocol error.`,
  `Client ${PUMP} disconnected due to protocol error.`,
  `Client ${PUMP} already connected, closing old connection.`,
  `Socket error on client ${PUMP}, disconnecting.`,
])('a session begins, and ends with "%s"', (line) => {
  const [opened, closed, ...more] = told(connected(PUMP, PUMP), line, line);
  const who = { source: 'broker', visibility: 'blue', subject: PUMP, address: '127.0.0.1', session: PUMP };
  expect(opened).toEqual({ ...who, event: 'session.opened', outcome: 'allowed' });
  expect(closed).toMatchObject({ ...who, event: 'session.closed', outcome: 'observed' });
  expect(more).toEqual([]);
});

test('a session is of whom the certificate names; without one, of whom the client id claims', () => {
  expect(told(connected('pump:LVP-0001', THIEF))[0]?.subject).toBe(THIEF);
  expect(told(connected('pump:LVP-0001'))[0]?.subject).toBe(PUMP);
  expect(told(connected('mqttjs_1f'))[0]?.subject).toBe(null);
});

test('what the access rules denied is told of whoever has the session', () => {
  const denied = `Denied PUBLISH from pump:x (d0, q1, r0, m1, 'pumps/LVP-0001/command', ... (1 bytes))`;
  expect(told(connected('pump:x', THIEF), denied)[1]).toMatchObject({
    event: 'publish.denied',
    outcome: 'denied',
    control: 'topic-authorization',
    subject: THIEF,
    object: 'pumps/LVP-0001/command',
  });
});

test.each([
  ['error:0A0000C7:SSL routines::peer did not return a certificate', 'mutual-tls'],
  ['error:1417C086:SSL routines:tls_process_client_certificate:certificate verify failed', 'mutual-tls'],
  ['error:0A000102:SSL routines::unsupported protocol', 'modern-tls'],
])('a handshake that failed with %s was ended by %s', (text, control) => {
  expect(told(`OpenSSL Error[0]: ${text}`)).toMatchObject([
    { event: 'session.refused', outcome: 'denied', control },
  ]);
});

test('words of the log in a client id make up no end of another’s session, and other lines say nothing', () => {
  expect(
    told(
      connected(PUMP, PUMP),
      `Client ${PUMP} disconnected: Pretended. x disconnected.`,
      `New client connected from 127.0.0.1:1 as ${PUMP} disconnected. (p2, c1, k1, u'${THIEF}').`,
      `Client ${PUMP} disconnected. disconnected.`,
      'OpenSSL Error[0]: error:0A000416:SSL routines::sslv3 alert certificate unknown',
      'Client <unknown> disconnected: Protocol error.',
      'Reloading config.',
    ).map(({ event, subject }) => [event, subject]),
  ).toEqual([
    ['session.opened', PUMP],
    ['session.opened', THIEF],
    ['session.closed', THIEF],
  ]);
});
