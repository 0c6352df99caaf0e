import { connect, type TLSSocket } from 'node:tls';
import type { TlsAnswer } from './answer.ts';
import { since } from './reach.ts';
import type { ProbePath, TlsProbe } from './request.ts';

/** A handshake that takes longer is none. */
export const HANDSHAKE_MS = 4_000;
/** How long a server that is asked nothing may take to hang up on a certificate that it does not like. */
const HANGS_UP_MS = 500;

/** Opens TLS and judges nothing: who trusts whom is looked at afterwards. */
export function openTls(path: ProbePath, { credential, rootPem }: Partial<TlsProbe>): TLSSocket {
  return connect({
    ...{ host: path.to, port: path.port, rejectUnauthorized: false },
    // Node.js hands it on to the socket below, its types forget it.
    ...(path.from !== undefined && { localAddress: path.from }),
    ...(credential && { cert: credential.chainPem, key: credential.privateKeyPem }),
    ...(rootPem !== undefined && { ca: rootPem }),
    // Identities of ours are URIs, which Node.js does not compare.
    checkServerIdentity: () => undefined,
  });
}

/**
 * Whether a server takes a certificate. With TLS 1.3 it says so, or hangs up, only after the handshake has ended for the client
 * [RFC 8446 §4.4.2.4], so something is said that it has to answer.
 */
export function probeTls(probe: TlsProbe): Promise<TlsAnswer> {
  const begun = performance.now();
  return new Promise((resolve) => {
    const socket = openTls(probe, probe);
    let stage: 'connecting' | 'shaking hands' | 'asking' = 'connecting';
    const done = (outcome: TlsAnswer['outcome'], detail: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ outcome, detail, ms: since(begun) });
    };
    const refused = (why: string): void => {
      if (stage === 'connecting') return done('unreachable', why);
      done('refused', stage === 'asking' ? `${why} after the handshake` : why);
    };
    let timer = setTimeout(() => refused('no end of the handshake'), HANDSHAKE_MS);
    socket.on('error', (error) => refused(whyOf(error)));
    socket.once('close', () => refused('hung up'));
    socket.once('connect', () => {
      stage = 'shaking hands';
    });
    socket.once('secureConnect', () => {
      const version = socket.getProtocol() ?? 'TLS';
      if (probe.rootPem !== undefined && !socket.authorized) {
        return done('refused', `by us: the server's certificate, ${String(socket.authorizationError)}`);
      }
      stage = 'asking';
      socket.once('data', () => done('accepted', version));
      clearTimeout(timer);
      if (probe.say === undefined) timer = setTimeout(() => done('accepted', version), HANGS_UP_MS);
      else {
        socket.write(Buffer.from(probe.say, 'base64'));
        timer = setTimeout(() => done('accepted', `${version}, and silence`), HANDSHAKE_MS);
      }
    });
  });
}

/** `alert certificate required`, or what else OpenSSL and the kernel have to say. */
export function whyOf(error: Error): string {
  const code = 'code' in error ? String(error.code) : '';
  const [, alert] = /_ALERT_(\w+)$/.exec(code) ?? [];
  if (alert !== undefined) return `alert ${alert.toLowerCase().replaceAll('_', ' ')}`;
  if (code === 'ECONNRESET') return 'hung up';
  return code || error.message;
}
