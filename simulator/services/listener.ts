import { createServer, type Server, type Socket } from 'node:net';
import type { Clock, Settling } from '../../clock/index.ts';
import {
  type ConnectionGate,
  type ControlId,
  type EvidenceEntry,
  listenBeside,
} from '../../protocol/index.ts';
import { SERVICES, type ServiceName } from './catalogue.ts';
import { Dialogue } from './dialogue.ts';
import { LineReader } from './line-reader.ts';
import { parseRequest, type ServiceRequest } from './request.ts';
import type { Answer, ServedDevice } from './served-device.ts';

export interface ListenerOptions {
  readonly name: ServiceName;
  readonly device: ServedDevice;
  readonly clock: Clock;
  readonly settling: Settling;
  readonly host: string;
  /** Further addresses, with the same port. */
  readonly alsoOn?: readonly string[] | undefined;
  /** 0: any. */
  readonly port: number;
  /** The network in front of it; absent: whoever reaches the address is let through. */
  readonly gate?: ConnectionGate | undefined;
  /** Whether the network reaches the pump now. */
  readonly reaches: () => boolean;
  /** The service code of this pump alone. */
  readonly ownCode: string;
  readonly record: (entry: Omit<EvidenceEntry, 'source' | 'deviceTimeMs' | 'subject' | 'object'>) => void;
}

/** Where somebody connects from, as far as it is known. */
type Peer = Pick<EvidenceEntry, 'address' | 'zone'>;

/** Conversations at a time; more are turned away. */
const MOST_CONNECTIONS = 4;
/** A conversation in which nothing is said ends. */
const IDLE_MS = 60_000;
/** Whoever connects has the connection by then, in simulated time too; who speaks first is greeted first. */
const GREETS_AFTER_MS = 5;
const NOTICE = 'TRAINING, NOT FOR HUMAN USE';

/** One listening service of a pump: bytes in, lines out. */
export class ServiceListener {
  readonly #options: ListenerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #closed = false;
  #gaveUp = (): void => undefined;
  #port = 0;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
    // One that breaks later is closed with the rest.
    this.#server.on('error', () => undefined);
  }

  /** Where it listens; 0 as long as it does not. */
  get port(): number {
    return this.#port;
  }

  /** Rejects where the system gives no port. */
  listen(): Promise<void> {
    const { host, alsoOn = [], port } = this.#options;
    return new Promise((resolve, reject) => {
      // Closed while it was being opened, it may never say that it listens.
      this.#gaveUp = resolve;
      this.#server.once('error', reject);
      this.#server.listen({ host, port }, () => {
        this.#server.off('error', reject);
        const address = this.#server.address();
        if (this.#closed) this.#server.close();
        else if (typeof address === 'object' && address !== null) this.#port = address.port;
        listenBeside(this.#server, this.#closed ? [] : alsoOn, this.#port).then(resolve, reject);
      });
    });
  }

  close(): void {
    this.#closed = true;
    this.#port = 0;
    this.#server.close();
    this.#gaveUp();
    for (const socket of this.#sockets) socket.destroy();
  }

  #accept(socket: Socket): void {
    const { name, device, settling, gate, reaches, record } = this.#options;
    socket.on('error', () => undefined);
    settling.watch('server', socket);
    const { serial } = device;
    const verdict = gate?.(socket, { asset: 'pump', serial, name });
    if (verdict !== undefined && !verdict.allowed) return;
    if (!reaches() || this.#closed || this.#sockets.size >= MOST_CONNECTIONS) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    const peer = { address: socket.remoteAddress ?? null, zone: verdict?.zone ?? null };
    record({ event: 'service.connected', outcome: 'observed', visibility: 'blue', ...peer });
    this.#converse(socket, peer);
  }

  #converse(socket: Socket, peer: Peer): void {
    const { name, device, clock, ownCode } = this.#options;
    const reader = new LineReader(SERVICES[name].longestLineBytes);
    const dialogue = new Dialogue(name, device, ownCode);
    const idle = (): void => void socket.destroy();
    let timer = clock.after(IDLE_MS, idle);
    socket.once('close', () => {
      timer.cancel();
      this.#sockets.delete(socket);
    });
    const say = (text: string): void => void (socket.writable && socket.write(`${text}\n`));
    let over = false;
    let greeted = false;
    const greet = (): void => {
      if (!greeted) say(`PUMPRANGE ${name.toUpperCase()}/1 ${NOTICE}`);
      greeted = true;
    };
    const greeting = clock.after(GREETS_AFTER_MS, greet);
    socket.once('close', () => greeting.cancel());
    socket.on('data', (chunk) => {
      greet();
      timer.cancel();
      timer = clock.after(IDLE_MS, idle);
      const { lines, tooLong } = reader.push(chunk);
      for (const line of lines) {
        if (over || socket.destroyed) return;
        const parsed = parseRequest(line);
        if (!parsed.ok) {
          say(`ERR 400 ${parsed.reason}`);
          continue;
        }
        const answer = dialogue.answer(parsed.request);
        this.#note(peer, parsed.request, answer);
        say(
          answer.ok ? `OK ${JSON.stringify(answer.body)}` : `ERR ${codeOf(answer.control)} ${answer.reason}`,
        );
        if (parsed.request.verb !== 'BYE' && !dialogue.isOver) continue;
        over = true;
        socket.end();
      }
      if (!tooLong || over || socket.destroyed) return;
      over = true;
      this.#tooLong(socket, say);
    });
  }

  /** No memory is overrun anywhere: what a weak firmware loses by it is modelled. */
  #tooLong(socket: Socket, say: (text: string) => void): void {
    const { name, device } = this.#options;
    if (name === 'session' && device.weaknesses.includes('crashes-on-oversize-input')) {
      device.crash('input that was too long');
      return;
    }
    say('ERR 413 too long');
    socket.end();
  }

  #note(peer: Peer, request: ServiceRequest, answer: Answer): void {
    const isLogin = request.verb === 'LOGIN';
    if (answer.ok && !isLogin && !CHANGES.has(request.verb)) return;
    this.#options.record({
      event: isLogin ? 'service.login' : 'service.request',
      outcome: answer.ok ? 'allowed' : 'denied',
      // A console that lets everybody in writes down nothing of what is done there.
      visibility: answer.ok && this.#options.device.weaknesses.includes('open-console') ? 'white' : 'blue',
      ...peer,
      control: answer.ok ? null : answer.control,
      cause: answer.ok ? request.verb : `${request.verb}: ${answer.reason}`,
    });
  }
}

const CHANGES: ReadonlySet<ServiceRequest['verb']> = new Set([
  'SET',
  'CALIBRATE',
  'CLEAR-LOG',
  'IMPORT',
  'PUT',
  'READ',
]);

function codeOf(control: ControlId | null): number {
  return control === null ? 409 : 403;
}
