import { join } from 'node:path';
import { type Clock, followWall, HeapClock, seededRandom, unsettled } from '../clock/index.ts';
import { openPki, type Pki } from '../pki/index.ts';
import { type EvidenceSink, type Posture, PumprangeError } from '../protocol/index.ts';
import { type CertificateStatus, openCertificateStatus } from './certificate-status.ts';
import { addressesOf, type Standing, speakingTo } from './standing-places.ts';
import { HOST } from './testbed.ts';

export interface GroundOptions {
  readonly posture: Posture;
  /** Folder with the PKI. Each component of one floor names the same. */
  readonly dir: string;
  /** Of the broker. */
  readonly port: number;
  readonly seed: number;
  /** Where the PKI tells of revocations over HTTP; needed where the posture learns of them in that way. */
  readonly statusPort?: number | undefined;
  /** Where it stands, and what of it listens; on loopback unless it is said. Several are for pumps, one each. */
  readonly standing?: Standing | undefined;
  /** Where the broker is; on loopback unless it is said. */
  readonly brokerAddress?: string | undefined;
  /** Where the PKI tells of revocations; on loopback unless it is said. */
  readonly statusAddress?: string | undefined;
}

/** The evidence of a component that keeps none: others see what it does, in the broker and the PKI. */
export const keepsNone: EvidenceSink = () => undefined;

/** The wall's time, until it is stopped. */
export interface Wall {
  readonly clock: HeapClock;
  readonly stopClock: () => void;
}

export function wallClock(): Wall {
  const clock = new HeapClock(Date.now());
  return { clock, stopClock: followWall(clock) };
}

/** The wall's time and the PKI of a folder. @throws PumprangeError `PR_PKI_…`; the clock is stopped then. */
export function wallAndPki(dir: string, evidence: EvidenceSink = keepsNone): Wall & { readonly pki: Pki } {
  const wall = wallClock();
  try {
    return { ...wall, pki: openPki({ dir: join(dir, 'pki'), clock: wall.clock, evidence }) };
  } catch (error) {
    wall.stopClock();
    throw error;
  }
}

/** Where a component listens: everywhere it stands. */
export function listeningAt({ standing }: Pick<GroundOptions, 'standing'>): {
  readonly host: string;
  readonly alsoOn: readonly string[];
} {
  const [host = HOST, ...alsoOn] = standing?.places.flatMap(addressesOf) ?? [];
  return { host, alsoOn };
}

/** From where a component that is one speaks to the broker; `undefined`: from wherever the system chooses. */
export function speakingFrom({ standing, brokerAddress = HOST }: Partial<GroundOptions>): string | undefined {
  return standing && speakingTo(standing.places[0], brokerAddress);
}

/** How often it is looked for what another process has revoked, rolled over or planned. */
const LOOK_EVERY_MS = 500;

/** Calls at once, and again and again. @returns what ends it. */
export function lookEvery(clock: Clock, look: () => void): () => void {
  const again = (): void => {
    look();
    timer = clock.after(LOOK_EVERY_MS, again);
  };
  let timer = clock.after(0, again);
  return () => timer.cancel();
}

/** What is begun on a ground ends with it if it cannot be: a timer that is left keeps the process. */
export async function orClose<T>(close: () => Promise<void>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await close();
    throw error;
  }
}

export interface Ground {
  /** How certificates are judged, as the posture has it. */
  readonly status: CertificateStatus;
  readonly random: ReturnType<typeof seededRandom>;
  /** Where the broker is. */
  readonly endpoint: () => { host: string; port: number; listener: 'tls' | 'plaintext' };
  /** Ends all that was begun here, the clock too. */
  close(): Promise<void>;
}

/**
 * What a component that judges certificates stands on: how revocations are learned of, and where the broker is.
 *
 * @throws PumprangeError `PR_USAGE` where the posture learns of revocations over HTTP and nobody said where. The clock is
 * stopped then.
 */
export async function ground(
  options: GroundOptions,
  base: Wall & { readonly pki: Pki },
  evidence: EvidenceSink,
): Promise<Ground> {
  const { posture, port, statusPort, brokerAddress = HOST, statusAddress = HOST } = options;
  const { clock, stopClock, pki } = base;
  try {
    const { controls, settings } = posture;
    const { source } = settings.revocation;
    if (controls.has('certificate-revocation') && source !== 'live' && statusPort === undefined) {
      throw new PumprangeError(
        'PR_USAGE',
        `under ${posture.id} revocations are learned of by ${source}: say --status-port, as for \`serve pki\``,
      );
    }
    const status = await openCertificateStatus({
      ...{ clock, settling: unsettled, pki, posture, evidence },
      servedOn: statusPort === undefined ? undefined : { host: statusAddress, port: statusPort },
    });
    // What the authority tells counts at once, whatever was fetched before.
    pki.onRevoked(({ fingerprint }) => status.convict(fingerprint));
    const stopLooking = lookEvery(clock, () => void pki.takeUpRevocations());
    const listener = controls.has('mutual-tls') ? ('tls' as const) : ('plaintext' as const);
    return {
      status,
      random: seededRandom(options.seed),
      endpoint: () => ({ host: brokerAddress, port, listener }),
      close: async () => {
        stopLooking();
        await status.stop();
        stopClock();
      },
    };
  } catch (error) {
    stopClock();
    throw error;
  }
}
