import { existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { sync as writeFileAtomicSync } from 'write-file-atomic';
import { mosquittoAccessRules, mosquittoConfiguration } from '../broker/index.ts';
import { makeFolder, type Pki, PROFILES, type ProfileName } from '../pki/index.ts';
import { type Identity, type Posture, PumprangeError, urnOf } from '../protocol/index.ts';
import { BROKER, HOST } from './testbed.ts';

export interface MosquittoSetup {
  readonly pki: Pki;
  readonly posture: Posture;
  readonly out: string;
  readonly port: number;
  readonly plaintextPort: number;
  readonly nowMs: number;
  /** Who will get a certificate while the broker runs, and is named at once. */
  readonly expected?: readonly Identity[];
  /** Whether its log has every packet, and so what is denied. */
  readonly logsPackets?: boolean | undefined;
  /** Replace files that hold something else. */
  readonly overwrite: boolean;
}

/** Who reads the accounts below `$SYS` for us. */
export const BROKER_WATCHER: Identity = { kind: 'observer', id: 'broker-watch-01' };

/**
 * Writes everything that a Mosquitto 2 needs to stand in the place of our broker: `mosquitto.conf`, `access.acl`, its certificate and key, the
 * authorities that it trusts, their revocation lists, and a README. All of it is for its owner alone.
 *
 * @returns the path of `mosquitto.conf`
 * @throws PumprangeError `PR_FILE_EXISTS`, and then nothing is written; `PR_BROKER_POSTURE`; `PR_DISK`
 */
export function writeMosquittoSetup(setup: MosquittoSetup): string {
  const { pki, posture, port, plaintextPort } = setup;
  const dir = resolve(setup.out);
  const { chainPem, privateKeyPem } = pki.credentialFor(BROKER);
  const configuration = mosquittoConfiguration({
    host: HOST,
    port,
    plaintextPort,
    dir,
    user: userInfo().username,
    controls: posture.controls,
    limits: posture.limits,
    logsPackets: setup.logsPackets,
  });
  makeFolder(join(dir, 'data'));
  writeAll(
    dir,
    {
      'mosquitto.conf': configuration,
      'ca.pem': [pki.rootPem, ...pki.issuingPems].join(''),
      'cert.pem': chainPem,
      'key.pem': privateKeyPem,
      'README.md': readme(posture, port),
      ...changing(setup),
    },
    setup.overwrite,
  );
  return join(dir, 'mosquitto.conf');
}

/** Writes anew what changes as certificates are issued and revoked. @returns whether anything did. */
export function refreshMosquittoSetup(
  setup: Omit<MosquittoSetup, 'overwrite' | 'port' | 'plaintextPort' | 'logsPackets'>,
): boolean {
  return writeAll(resolve(setup.out), changing(setup), true);
}

function changing({
  pki,
  nowMs,
  expected = [],
}: Pick<MosquittoSetup, 'pki' | 'nowMs' | 'expected'>): Record<string, string> {
  return {
    'access.acl': mosquittoAccessRules({
      identities: clientsOf(pki, nowMs, expected),
      watcher: BROKER_WATCHER,
    }),
    'crls.pem': pki
      .crls()
      .map(({ pem }) => pem)
      .join(''),
  };
}

/** Who holds a certificate with which a client may connect. */
function clientsOf(pki: Pki, nowMs: number, expected: readonly Identity[]): Identity[] {
  const issued = pki.list();
  const known = new Set(issued.map(({ identity }) => urnOf(identity)));
  const holders = issued
    .filter(({ notAfterMs, revoked }) => revoked === null && notAfterMs >= nowMs)
    .filter(({ profile }) => profile !== 'birth' && isForClients(profile))
    .map(({ identity }) => identity);
  return [...holders, ...expected.filter((identity) => !known.has(urnOf(identity)))];
}

function isForClients(profile: ProfileName): boolean {
  return PROFILES[profile].extendedKeyUsage.some((usage) => usage === 'clientAuth');
}

function writeAll(dir: string, files: Readonly<Record<string, string>>, overwrite: boolean): boolean {
  const changed = Object.entries(files)
    .map(([name, text]) => ({ path: join(dir, name), text }))
    .filter(({ path, text }) => !existsSync(path) || readFileSync(path, 'utf8') !== text);
  const lost = changed.find(({ path }) => existsSync(path));
  if (lost !== undefined && !overwrite) {
    throw new PumprangeError('PR_FILE_EXISTS', `${lost.path} holds something else`);
  }
  for (const { path, text } of changed) {
    try {
      writeFileAtomicSync(path, text, { mode: 0o600 });
    } catch (error) {
      throw new PumprangeError(
        'PR_DISK',
        `${path}: ${error instanceof Error ? error.message : String(error)}`,
        {
          cause: error,
        },
      );
    }
  }
  return changed.length > 0;
}

function readme(posture: Posture, port: number): string {
  return `# Mosquitto in the place of Pumprange's broker

TEST ONLY. TRAINING, NOT FOR HUMAN USE. Posture: ${posture.id}.

Start it with \`mosquitto -c mosquitto.conf\`; it listens on ${HOST}, port ${port}.

| file | what it is |
|---|---|
| mosquitto.conf | generated from the controls and limits of the posture |
| access.acl | who may say and read what, generated from the policy; names everybody who holds a certificate |
| ca.pem | the root and the issuing authorities |
| cert.pem, key.pem | the broker's own; the key is for its owner alone |
| crls.pem | the revocation lists of all authorities; they hold for seven days |
| data/ | where Mosquitto keeps sessions and retained messages |
| mosquitto.log | what it says |

After a certificate was issued or revoked, write the files anew with the same command and \`--overwrite\`, then send Mosquitto SIGHUP. Sessions
that stand are not ended by it. What Mosquitto can enforce and what it cannot is in docs/brokers.md.
`;
}
