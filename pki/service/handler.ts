/** A request to a service of the PKI, as far as its handlers look at it. */
export interface ServiceRequest {
  readonly method: string;
  /** Without the query, and still escaped. */
  readonly path: string;
  readonly contentType: string | undefined;
  /** The version that the client has already [RFC 9110 §13.1.2]. */
  readonly ifNoneMatch?: string | undefined;
  readonly body: Buffer | 'too-large';
  /** What the client presented in TLS (DER, leaf first), unjudged; that it holds the key was proved. */
  readonly chainDer: readonly Buffer[];
  /** Of the client, without its port. */
  readonly address: string;
}

export interface ServiceResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** Answers what is meant for it; `undefined` leaves the request to the next. */
export type RequestHandler = (request: ServiceRequest) => ServiceResponse | undefined;

/** An answer for people to read. */
export function plainAnswer(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): ServiceResponse {
  return { status, headers: { 'Content-Type': 'text/plain; charset=utf-8', ...headers }, body: `${text}\n` };
}
