import type { Clock, Settling } from '../clock/index.ts';
import {
  buildCertificationRequest,
  createJudge,
  estHandler,
  type Manufacturer,
  type Pki,
  parseCertificate,
  type RequestHandler,
  readCertsOnly,
  type ServiceServer,
  siteAuthority,
  startServiceServer,
} from '../pki/index.ts';
import { type ConnectionGate, type ControlId, type EvidenceSink, urnOf } from '../protocol/index.ts';
import type { EnrolmentCodec } from '../simulator/enrolment/index.ts';

const EST_SERVER = { kind: 'est-server', id: 'est-01' } as const;
const RETRY_MS = 60_000;

/** The encodings that a pump needs to enrol, as the PKI of the house has them. */
export const ENROLMENT_CODEC: EnrolmentCodec = {
  request: buildCertificationRequest,
  certificates: readCertsOnly,
  judge: (rootsDer, authoritiesDer) =>
    createJudge({
      roots: rootsDer.map(parseCertificate),
      authorities: authoritiesDer.map(parseCertificate),
      // A pump that enrols has no way to a revocation list yet.
      revocation: null,
    }),
};

export interface PkiServiceOptions {
  readonly clock: Clock;
  readonly settling: Settling;
  readonly pki: Pki;
  /** Whose birth certificates are good for an enrolment. */
  readonly manufacturer: Manufacturer;
  readonly controls: ReadonlySet<ControlId>;
  readonly evidence: EvidenceSink;
  readonly host: string;
  readonly alsoOn?: readonly string[];
  readonly port: number;
  /** Of the certificates that pumps get; absent: the profile's. */
  readonly lifetimeMs?: number | undefined;
  /** The network in front of it; absent: whoever gets here comes in. */
  readonly gate?: ConnectionGate;
  /** What else is served on the same port. */
  readonly handlers?: readonly RequestHandler[];
}

/**
 * Starts the EST server, which renews its own certificate while it runs.
 *
 * @throws PumprangeError as `startServiceServer`
 */
export async function startPkiService(
  options: PkiServiceOptions,
): Promise<Pick<ServiceServer, 'port' | 'stop'>> {
  const {
    clock,
    settling,
    pki,
    manufacturer,
    controls,
    evidence,
    host,
    alsoOn,
    port,
    gate,
    handlers = [],
  } = options;
  const authority = siteAuthority(pki, manufacturer.judge(), controls, options.lifetimeMs);
  let credential = pki.credentialFor(EST_SERVER);
  const server = await startServiceServer({
    clock,
    settling,
    host,
    alsoOn,
    port,
    tls: { ...credential, clientRootPems: [pki.rootPem, manufacturer.rootPem] },
    handlers: [estHandler({ clock, controls, evidence, authority }), ...handlers],
    evidence,
    reaches: gate && ((socket) => gate(socket, { asset: 'est', name: 'est' }).allowed),
  });
  // At two thirds of its life there is a new one to be had.
  const renewalAtMs = ({ notBeforeMs, notAfterMs }: typeof credential): number =>
    notBeforeMs + ((notAfterMs - notBeforeMs) * 2) / 3;
  const renew = (): void => {
    try {
      credential = pki.credentialFor(EST_SERVER);
      server.present(credential);
    } catch (error) {
      // What it has is good for a third of its life; a full disk may be mended in that time.
      evidence({
        source: 'pki',
        event: 'enrolment.failed',
        outcome: 'observed',
        visibility: 'blue',
        subject: urnOf(EST_SERVER),
        cause: error instanceof Error ? error.message : String(error),
      });
    }
    timer = clock.at(Math.max(renewalAtMs(credential), clock.now() + RETRY_MS), renew);
  };
  let timer = clock.at(Math.max(renewalAtMs(credential), clock.now() + RETRY_MS), renew);
  return {
    port: server.port,
    stop: () => {
      timer.cancel();
      return server.stop();
    },
  };
}
