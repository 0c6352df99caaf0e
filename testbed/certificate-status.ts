import { type Clock, type Settling, unsettled } from '../clock/index.ts';
import {
  type FetchingSource,
  fetchedCrls,
  fetchedOcsp,
  type Outages,
  type Pki,
  parseCertificate,
  type RevocationSource,
  type ServiceServer,
  STATUS_PATHS,
  startServiceServer,
} from '../pki/index.ts';
import {
  type CertificateJudge,
  type EvidenceSink,
  type Posture,
  type StatusService,
  urnOf,
} from '../protocol/index.ts';
import { askHttp } from './ask-http.ts';

export interface CertificateStatusOptions {
  readonly clock: Clock;
  readonly settling: Settling;
  readonly pki: Pki;
  readonly posture: Posture;
  readonly evidence: EvidenceSink;
  /** Another process that tells of revocations; absent: this one serves what it then asks. */
  readonly servedOn?: { readonly host: string; readonly port: number } | undefined;
}

/** How a floor judges certificates, as its posture has it, and the services that it then depends on. */
export interface CertificateStatus {
  readonly judge: CertificateJudge;
  /** Learns what is to be known of chains (DER, leaf first) before they are presented. */
  prepare(chains: () => readonly (readonly Uint8Array[])[]): Promise<void>;
  /** A revocation that the authority has told of counts at once, whatever was fetched before. */
  convict(fingerprint: string): void;
  /** Told of each certificate that is found revoked by asking. */
  onRevoked(listener: (fingerprint: string) => void): void;
  setService(service: StatusService, isUp: boolean): Promise<void>;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';

/** Starts what the posture needs: nothing where revocations are not looked at, or are known in the same process. */
export async function openCertificateStatus(options: CertificateStatusOptions): Promise<CertificateStatus> {
  const { pki, posture, evidence } = options;
  const { source: kind } = posture.settings.revocation;
  const isLooked = posture.controls.has('certificate-revocation');
  const down = new Set<StatusService>();
  const told = new Set<string>();
  const listeners = new Set<(fingerprint: string) => void>();
  const server = isLooked && kind !== 'live' ? await servedStatus(options) : undefined;
  const failed = (cause: string): void =>
    evidence({
      source: 'pki',
      event: 'status.unreachable',
      outcome: 'observed',
      visibility: 'blue',
      control: 'certificate-revocation',
      cause,
    });
  // Before the lockstep begins nobody settles the wire, so nothing can be held.
  let isPrepared = false;
  const ask = (path: string, body?: Uint8Array): Promise<Uint8Array> => {
    const work = () => askHttp({ host: server?.host ?? HOST, port: server?.port() ?? 0, path, body });
    return isPrepared ? options.settling.hold('the status of a certificate', work) : work();
  };
  const fetching: FetchingSource | undefined =
    server === undefined
      ? undefined
      : sourceOf(options, kind, ask, failed, (fingerprint) => {
          for (const listener of listeners) listener(fingerprint);
        });
  const source: RevocationSource | undefined = fetching && {
    status: (certificate, issuer, atMs) =>
      told.has(certificate.fingerprint)
        ? { status: 'revoked', detail: `${certificate.subjectText}: its authority has told of it` }
        : fetching.status(certificate, issuer, atMs),
  };
  const outages: Outages = {
    onOutage: posture.settings.onOutage,
    revocationService: kind === 'ocsp' ? 'ocsp' : 'crl',
    isDown: (service) => down.has(service),
    blind: ({ accepted, identity, fingerprint, control, cause }) =>
      evidence({
        source: 'pki',
        event: accepted ? 'certificate.accepted-blind' : 'certificate.refused-blind',
        outcome: accepted ? 'allowed' : 'denied',
        visibility: 'blue',
        subject: urnOf(identity),
        certificateFingerprint: fingerprint,
        control,
        cause,
      }),
  };
  return {
    judge: pki.judge({ revocation: source ?? isLooked, outages }),
    prepare: async (chains) => {
      if (fetching !== undefined) {
        await Promise.all(chains().map((chain) => prepareChain(pki, fetching, chain)));
        // A list is of an authority: with those of all, nobody is a stranger.
        const lists = kind === 'crl' ? pki.authorities : [];
        await Promise.all(lists.map(({ certificate }) => fetching.prepare(certificate, certificate)));
      }
      isPrepared = true;
    },
    convict: (fingerprint) => {
      if (isLooked) told.add(fingerprint);
    },
    onRevoked: (listener) => listeners.add(listener),
    setService: async (service, isUp) => {
      if (isUp) down.delete(service);
      else down.add(service);
      evidence({
        source: 'scenario',
        event: isUp ? 'service.started' : 'service.stopped',
        outcome: 'observed',
        visibility: 'white',
        object: service,
      });
      if (service === kind) await (isUp ? server?.start() : server?.stop());
    },
    stop: async () => {
      fetching?.stop();
      await server?.stop();
    },
  };
}

function sourceOf(
  { clock, pki, posture }: CertificateStatusOptions,
  kind: 'live' | 'crl' | 'ocsp',
  ask: (path: string, body?: Uint8Array) => Promise<Uint8Array>,
  failed: (cause: string) => void,
  revoked: (fingerprint: string) => void,
): FetchingSource {
  const { refreshS, freshForS } = posture.settings.revocation;
  const timing = {
    clock,
    failed,
    refreshMs: refreshS * 1_000,
    ...(freshForS === undefined ? {} : { freshForMs: freshForS * 1_000 }),
  };
  if (kind === 'ocsp') {
    return fetchedOcsp({
      ...timing,
      ask: (request) => ask(STATUS_PATHS.ocsp, request),
      revoked: ({ fingerprint }) => revoked(fingerprint),
    });
  }
  return fetchedCrls({
    ...timing,
    fetch: ({ fingerprint }) => {
      const found = pki.authorities.find(({ certificate }) => certificate.fingerprint === fingerprint);
      return found === undefined
        ? Promise.reject(new Error('it is not known where its CRL is'))
        : ask(STATUS_PATHS.crl(found.id));
    },
  });
}

async function prepareChain(pki: Pki, source: FetchingSource, chain: readonly Uint8Array[]): Promise<void> {
  const [root] = pki.authorities;
  const certificates = chain.map((der) => parseCertificate(der));
  if (root !== undefined) certificates.push(root.certificate);
  const links = certificates.slice(0, -1).map(async (certificate, index) => {
    const issuer = certificates[index + 1];
    if (issuer !== undefined) await source.prepare(certificate, issuer);
  });
  await Promise.all(links);
}

/** The status of certificates over HTTP, on a port that stays the same when it is stopped and started. */
async function servedStatus({ clock, pki, evidence, servedOn }: CertificateStatusOptions) {
  if (servedOn !== undefined) {
    const elsewhere = async (): Promise<void> => undefined;
    return { host: servedOn.host, port: () => servedOn.port, start: elsewhere, stop: elsewhere };
  }
  const serve = (port: number): Promise<ServiceServer> =>
    // Whoever asks is held until the answer is there, so nobody has to watch the sockets.
    startServiceServer({ clock, settling: unsettled, host: HOST, port, handlers: [pki.status], evidence });
  let running: ServiceServer | undefined = await serve(0);
  const { port } = running;
  return {
    host: HOST,
    port: () => port,
    start: async () => {
      running ??= await serve(port);
    },
    stop: async () => {
      const server = running;
      running = undefined;
      await server?.stop();
    },
  };
}
