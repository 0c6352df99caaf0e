import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { followWall, HeapClock, seededRandom, unsettled } from '../../../clock/index.ts';
import { openPki } from '../../../pki/index.ts';
import { clientIdOf } from '../../../protocol/index.ts';
import { openServerStore, PumpServer, STORE_FILE, signFirmware } from '../../../pump-server/index.ts';
import { keepConnected } from '../../../simulator/transport/index.ts';
import { dialer } from '../../../testbed/dialer.ts';
import { loadShippedPostures } from '../../../testbed/index.ts';
import { HOST, SERVER } from '../../../testbed/testbed.ts';

/** The pump server as a process of its own, so that its memory can be read apart from that of those who fetch. */

export interface ServerReport {
  readonly online: boolean;
  /** Of what was released last; empty: nothing was. */
  readonly digest: string;
  readonly rssKb: number;
  /** The highest resident memory of any look since the process said that it was released. */
  readonly highestRssKb: number;
  readonly cpuUs: number;
}

const LOOK_EVERY_MS = 10;

const [dir = '', port = '0', sizeBytes = '0'] = process.argv.slice(2);
const clock = new HeapClock(Date.now());
followWall(clock);
const posture = loadShippedPostures().find(({ id }) => id === 'layered');
if (posture === undefined) throw new Error('there is no posture layered');
const pki = openPki({ dir: join(dir, 'pki'), clock });
const endpoint = () => ({ host: HOST, port: Number(port), listener: 'tls' as const });
const judge = pki.judge({ revocation: true });
let online = false;
let digest = '';
let highestRssKb = 0;
const server = new PumpServer({
  clock,
  identity: SERVER,
  bootId: 'boot-bench',
  evidence: ({ event, cause }) => console.log(`the pump server says ${event}: ${cause ?? ''}`),
  store: openServerStore(join(dir, STORE_FILE), { newSeries: true, nowMs: clock.now() }),
  connect: (handlers) =>
    keepConnected(
      dialer({ clock, settling: unsettled, judge, posture, endpoint }, pki.credentialFor(SERVER)),
      clock,
      seededRandom(1),
      {
        ...handlers,
        online: (link) => {
          online = true;
          handlers.online(link);
        },
        options: () => ({ clientId: clientIdOf(SERVER), keepAliveS: 180 }),
      },
    ),
});
server.start();
setInterval(look, LOOK_EVERY_MS);

process.on('message', async (question) => {
  if (question === 'release') await release();
  process.send?.(report());
});
process.on('disconnect', () => process.exit());
process.send?.({});

/** Random bytes are an image that nothing on the way can compress. Nobody signs it: whoever fetches judges digests alone here. */
async function release(): Promise<void> {
  const draft = {
    model: 'lvp',
    firmwareVersion: '9.0.0',
    sequence: server.nextSequence({ model: 'lvp' }),
    securityEpoch: 1,
    packageBytes: randomBytes(Number(sizeBytes)),
    notAfterMs: clock.now() + 86_400_000,
  };
  const signed = await signFirmware(draft, [], unsettled);
  server.releaseFirmware(signed);
  digest = signed.manifest.digest;
  highestRssKb = 0;
}

function look(): void {
  highestRssKb = Math.max(highestRssKb, process.memoryUsage.rss() / 1_024);
}

function report(): ServerReport {
  const { user, system } = process.cpuUsage();
  look();
  return { online, digest, rssKb: process.memoryUsage.rss() / 1_024, highestRssKb, cpuUs: user + system };
}
