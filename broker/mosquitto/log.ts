import {
  type ControlId,
  type EvidenceEntry,
  type EvidenceSink,
  type Identity,
  parseClientId,
  parseUrn,
  urnOf,
} from '../../protocol/index.ts';

/** `<time>: ` before each line, as `log_timestamp_format` of our set-up has it. */
const STAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d: /;
const CONNECTED = /^New client connected from (\S+) as (.*) \(p\d, c\d, k\d+(?:, u'(.*)')?\)\.$/;
/** The id is matched as far as it goes: whoever has words of the log in it makes up no end of another's session. */
const ENDED =
  /^(?:Client (.*)( disconnected(?:: [A-Z][\w ]*| due to [a-z][\w ]*)?\.| closed its connection\.| has exceeded timeout, disconnecting\.| already connected, closing old connection\.)|Socket error on client (.*), disconnecting\.)$/;
const DENIED = /^Denied PUBLISH from (.*) \(d\d, q\d, r\d, m\d+, '(.*)', \.\.\. \(\d+ bytes\)\)$/;
const TLS_FAILED = /^OpenSSL Error\[\d+\]: .*:([^:]+)$/;

/**
 * What OpenSSL calls a handshake that a control ended. A certificate that does not verify may be revoked, expired or of somebody
 * else's: Mosquitto does not say which, so the control that asks for one is named.
 */
const ENDED_BY: ReadonlyMap<string, ControlId> = new Map([
  ['peer did not return a certificate', 'mutual-tls'],
  ['certificate verify failed', 'mutual-tls'],
  ['unsupported protocol', 'modern-tls'],
  ['no shared cipher', 'modern-tls'],
]);

/** The log of a Mosquitto 2, told as the evidence of our own broker would be, as far as it goes. */
export class MosquittoLog {
  readonly #evidence: EvidenceSink;
  /** Who has the session of a client id, and from where. */
  readonly #open = new Map<string, { readonly subject: string | null; readonly address: string }>();

  constructor(evidence: EvidenceSink) {
    this.#evidence = evidence;
  }

  /** Takes one line of the log. */
  take(line: string): void {
    const text = line.replace(STAMP, '');
    const [, from, id, username] = CONNECTED.exec(text) ?? [];
    if (from !== undefined && id !== undefined) return this.#opened(from, id, username);
    const [, client, how, broken] = ENDED.exec(text) ?? [];
    if (client !== undefined || broken !== undefined)
      return this.#closed(client ?? broken ?? '', (how ?? 'the connection broke').trim());
    const [, publisher, topic] = DENIED.exec(text) ?? [];
    if (publisher !== undefined && topic !== undefined) return this.#denied(publisher, topic);
    const [, reason = ''] = TLS_FAILED.exec(text) ?? [];
    const control = ENDED_BY.get(reason);
    if (control === undefined) return;
    this.#tell({ event: 'session.refused', outcome: 'denied', control, cause: `tls: ${reason}` });
  }

  #opened(from: string, id: string, username: string | undefined): void {
    const identity = identityOf(username, id);
    const session = {
      subject: identity === undefined ? null : urnOf(identity),
      address: from.replace(/:\d+$/, ''),
    };
    this.#open.set(id, session);
    this.#tell({ event: 'session.opened', outcome: 'allowed', session: id, ...session });
  }

  #closed(id: string, cause: string): void {
    const session = this.#open.get(id);
    if (session === undefined) return;
    this.#open.delete(id);
    this.#tell({ event: 'session.closed', outcome: 'observed', session: id, ...session, cause });
  }

  #denied(id: string, object: string): void {
    this.#tell({
      ...{ event: 'publish.denied', outcome: 'denied', control: 'topic-authorization', object },
      ...{ session: id, ...this.#open.get(id), cause: 'the access rules do not name it' },
    });
  }

  #tell(entry: Omit<EvidenceEntry, 'source' | 'visibility'>): void {
    this.#evidence({ source: 'broker', visibility: 'blue', ...entry });
  }
}

/** By the certificate where there is one; a client id is a claim. */
function identityOf(username: string | undefined, clientId: string): Identity | undefined {
  return username === undefined ? parseClientId(clientId) : parseUrn(username);
}
