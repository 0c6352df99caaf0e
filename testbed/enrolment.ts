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
import type { ControlId, EvidenceSink } from '../protocol/index.ts';
import type { EnrolmentCodec } from '../simulator/enrolment/index.ts';

const EST_SERVER = { kind: 'est-server', id: 'est-01' } as const;

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
  readonly port: number;
  /** Of the certificates that pumps get; absent: the profile's. */
  readonly lifetimeMs?: number | undefined;
  /** What else is served on the same port. */
  readonly handlers?: readonly RequestHandler[];
}

/** @throws PumprangeError as `startServiceServer` */
export function startPkiService(options: PkiServiceOptions): Promise<ServiceServer> {
  const { clock, settling, pki, manufacturer, controls, evidence, host, port, handlers = [] } = options;
  const authority = siteAuthority(pki, manufacturer.judge(), controls, options.lifetimeMs);
  return startServiceServer({
    clock,
    settling,
    host,
    port,
    tls: { ...pki.credentialFor(EST_SERVER), clientRootPems: [pki.rootPem, manufacturer.rootPem] },
    handlers: [estHandler({ clock, controls, evidence, authority }), ...handlers],
    evidence,
  });
}
