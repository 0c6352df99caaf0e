import { beforeEach, expect, test } from 'vitest';
import {
  type Credential,
  type FetchingSource,
  fetchedCrls,
  fetchedOcsp,
  parseCertificate,
  type RequestHandler,
  STATUS_PATHS,
} from '../../../pki/index.ts';
import { type Bench, bench, crlOf, DAY_MS, PUMP, question } from '../workbench.ts';

const REFRESH_MS = 300_000;
const OTHER = { kind: 'pump', id: 'LVP-0002' } as const;

let site: Bench;
let good: Credential;
/** What the network does with a question. */
let network: RequestHandler | 'down';
let failures: string[];
let asked: number;
beforeEach(() => {
  site = bench();
  good = site.pki.issue({ identity: PUMP });
  network = site.pki.status;
  failures = [];
  asked = 0;
});

async function get(method: string, path: string, body: Uint8Array = Buffer.alloc(0)): Promise<Uint8Array> {
  asked += 1;
  if (network === 'down') throw new Error('connection refused');
  const answer = network(question(method, path, body));
  if (answer?.status !== 200) throw new Error('no answer');
  return Buffer.from(answer.body);
}

const shared = () => ({
  clock: site.clock,
  refreshMs: REFRESH_MS,
  failed: (detail: string) => failures.push(detail),
});
const crls = (freshForMs?: number): FetchingSource =>
  fetchedCrls({
    ...shared(),
    ...(freshForMs === undefined ? {} : { freshForMs }),
    fetch: ({ fingerprint }) => {
      const { id } = site.pki.authorities.find(({ certificate }) => certificate.fingerprint === fingerprint)!;
      return get('GET', STATUS_PATHS.crl(id));
    },
  });
const ocsp = (capacity = 100, revoked: (serial: string) => void = () => undefined): FetchingSource =>
  fetchedOcsp({
    ...shared(),
    capacity,
    ask: (request) => get('POST', STATUS_PATHS.ocsp, request),
    revoked: ({ serialNumber }) => revoked(serialNumber),
  });

const SOURCES = [
  ['crl', () => crls()],
  ['ocsp', () => ocsp()],
] as const;

const certificateOf = ({ chainDer }: Credential) => parseCertificate(chainDer[0]!);
const issuer = () => site.site.issuing.devices.certificate;
const statusOf = (source: FetchingSource, credential = good) =>
  source.status(certificateOf(credential), issuer(), site.clock.now()).status;
const prepare = (source: FetchingSource, credential = good) =>
  source.prepare(certificateOf(credential), issuer());
/** Moves the Clock, and lets what it began come to its end. */
async function run(forMs: number): Promise<void> {
  site.clock.runTo(site.clock.now() + forMs);
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

test.each(SOURCES)(
  '%s: unknown at first, asked at once, good then, revoked after the next refresh',
  async (_name, make) => {
    const source = make();
    expect(statusOf(source)).toBe('unknown');
    await prepare(source);
    expect([statusOf(source), asked]).toEqual(['good', 1]);
    site.pki.revoke(PUMP, 'keyCompromise');
    expect(statusOf(source)).toBe('good');
    await run(REFRESH_MS);
    expect([statusOf(source), asked]).toEqual(['revoked', 2]);
    source.stop();
  },
);

test.each(SOURCES)('%s: judging never asks, however often', async (_name, make) => {
  const source = make();
  await prepare(source);
  for (let time = 0; time < 50; time++) statusOf(source);
  expect(asked).toBe(1);
  source.stop();
});

test.each(SOURCES)(
  '%s: an outage is bridged by what is known until it runs out, then unknown, then good again',
  async (_name, make) => {
    const source = make();
    await prepare(source);
    network = 'down';
    await run(REFRESH_MS);
    expect([statusOf(source), failures.length]).toEqual(['good', 1]);
    await run(8 * DAY_MS);
    expect(statusOf(source)).toBe('unknown');
    expect(failures.at(-1)).toContain('connection refused');
    network = site.pki.status;
    await run(REFRESH_MS);
    expect(statusOf(source)).toBe('good');
    source.stop();
  },
);

test.each(SOURCES)('%s: a revocation that is known is not forgotten in an outage', async (_name, make) => {
  const source = make();
  site.pki.revoke(PUMP, 'keyCompromise');
  await prepare(source);
  network = 'down';
  await run(20 * DAY_MS);
  expect(statusOf(source)).toBe('revoked');
  source.stop();
});

test.each(SOURCES)('%s: garbage, and another site’s word, change nothing', async (_name, make) => {
  const source = make();
  await prepare(source);
  const garbage: RequestHandler = () => ({ status: 200, headers: {}, body: 'garbage' });
  for (const answer of [garbage, bench().pki.status]) {
    network = answer;
    await run(REFRESH_MS);
    expect(statusOf(source)).toBe('good');
  }
  expect(failures).toHaveLength(2);
  source.stop();
});

test.each(SOURCES)('%s: once stopped, nothing is asked any more', async (_name, make) => {
  const source = make();
  await prepare(source);
  source.stop();
  await run(DAY_MS);
  expect(asked).toBe(1);
});

test('crl: one that was replaced is not taken again', async () => {
  const source = crls();
  await prepare(source);
  site.pki.revoke(site.pki.issue({ identity: OTHER }).serialNumber, 'keyCompromise');
  await run(REFRESH_MS);
  network = () => ({ status: 200, headers: {}, body: crlOf(site.site.issuing.devices).der });
  await run(REFRESH_MS);
  expect(failures.at(-1)).toMatch(/it is number 1, and 2 was there before/);
  source.stop();
});

test('crl: knowledge that is older than it may be acquits nobody', async () => {
  const source = crls(600_000);
  await prepare(source);
  network = 'down';
  await run(600_000);
  expect(statusOf(source)).toBe('good');
  await run(1_000);
  expect(statusOf(source)).toBe('unknown');
  source.stop();
});

test('ocsp: an answer that is played back is not taken; whoever is found revoked is told of once', async () => {
  const revoked: string[] = [];
  const source = ocsp(100, (serial) => revoked.push(serial));
  await prepare(source);
  const recorded = await new Promise<string | Buffer>((resolve) => {
    network = (request) => {
      const answer = site.pki.status(request);
      if (answer) resolve(answer.body);
      return answer;
    };
    void run(REFRESH_MS);
  });
  await run(REFRESH_MS / 2);
  network = site.pki.status;
  await run(REFRESH_MS);
  network = () => ({ status: 200, headers: {}, body: recorded });
  await run(REFRESH_MS);
  expect(failures.at(-1)).toMatch(/older answer|run out/);
  network = site.pki.status;
  site.pki.revoke(PUMP, 'keyCompromise');
  await run(3 * REFRESH_MS);
  expect(revoked).toEqual([good.serialNumber]);
  source.stop();
});

test('ocsp: who presents many certificates makes it forget the oldest, not grow', async () => {
  const source = ocsp(2);
  const many = ['LVP-0011', 'LVP-0012', 'LVP-0013'].map((id) =>
    site.pki.issue({ identity: { kind: 'pump', id } }),
  );
  for (const one of many) await prepare(source, one);
  expect(many.slice(1).map((one) => statusOf(source, one))).toEqual(['good', 'good']);
  asked = 0;
  await run(REFRESH_MS);
  expect(asked).toBe(2);
  expect(statusOf(source, many[0])).toBe('unknown');
  source.stop();
});
