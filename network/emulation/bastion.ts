import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Clock, Settling, Timer } from '../../clock/index.ts';
import type {
  CertificateJudge,
  ConnectionGate,
  ControlId,
  EvidenceSink,
  GatedService,
  Identity,
} from '../../protocol/index.ts';
import { isLoopback, PumprangeError, sameIdentity, urnOf } from '../../protocol/index.ts';
import { identify, type Supplicant } from './credentials.ts';
import { nameOf } from './gate.ts';

/** A service and where it listens; `at` is `undefined` where nothing does. */
export interface RelayTarget {
  readonly service: GatedService;
  readonly at: { readonly host: string; readonly port: number } | undefined;
}

/** A named biomedical engineer lets a vendor reach one service for a time. */
export interface Approval {
  readonly vendor: Identity;
  readonly engineer: Identity;
  readonly service: GatedService;
  readonly forMs: number;
}

export interface BastionOptions {
  readonly clock: Clock;
  readonly settling: Settling;
  readonly controls: ReadonlySet<ControlId>;
  readonly evidence: EvidenceSink;
  readonly gate: ConnectionGate;
  readonly judge: CertificateJudge;
  /** Bytes that nobody has signed before. */
  readonly challenge: () => Uint8Array;
  /** Its own address: it listens there, and its relays come from there. */
  readonly address: string;
}

export type VendorSession =
  | { readonly open: true; readonly host: string; readonly port: number }
  | { readonly open: false; readonly reason: string };

/** What passed through one session. */
export interface SessionRecord {
  readonly vendor: Identity;
  readonly engineer: Identity;
  readonly service: GatedService;
  readonly openedAtMs: number;
  endedAtMs: number | undefined;
  connections: number;
  /** Up to `MOST_RECORDED_BYTES` of either direction. */
  readonly toService: Buffer[];
  readonly toVendor: Buffer[];
}

interface OpenSession {
  readonly record: SessionRecord;
  readonly server: Server;
  readonly sockets: Set<Socket>;
  readonly timer: Timer;
}

const MOST_RECORDED_BYTES = 256 * 1024;

/**
 * The way in for vendors, and the one place of `vendor-bastion`: a session to exactly one service, on the approval of a named
 * biomedical engineer, ended at its time, and recorded. A vendor asks for it by a call here, as at the bastion's portal; what
 * it then sends goes over real sockets.
 */
export class Bastion {
  readonly #options: BastionOptions;
  #approvals: (Approval & { readonly untilMs: number })[] = [];
  readonly #sessions = new Set<OpenSession>();
  readonly #records: SessionRecord[] = [];

  constructor(options: BastionOptions) {
    this.#options = options;
  }

  /** Where a vendor's VPN ends: beside the bastion, or, without it, among the devices. */
  landingZone(): 'remote-access' | 'medical-devices' {
    return this.#options.controls.has('vendor-bastion') ? 'remote-access' : 'medical-devices';
  }

  records(): readonly SessionRecord[] {
    return this.#records;
  }

  approve(approval: Approval): void {
    const { clock } = this.#options;
    this.#approvals.push({ ...approval, untilMs: clock.now() + approval.forMs });
    this.#tell('vendor.approved', 'allowed', approval, `by ${urnOf(approval.engineer)}`);
  }

  /**
   * Opens the session that was approved, for connections from one address.
   *
   * @throws PumprangeError `PR_GUARDRAIL` for a target that is not on loopback
   */
  async open(
    supplicant: Supplicant,
    fromAddress: string,
    { service, at }: RelayTarget,
  ): Promise<VendorSession> {
    const { clock, settling, judge, challenge } = this.#options;
    if (at !== undefined && !isLoopback(at.host)) {
      throw new PumprangeError('PR_GUARDRAIL', `${at.host} may not be contacted`);
    }
    const refused = (reason: string, vendor?: Identity): VendorSession => {
      this.#tell('vendor.session-refused', 'denied', { vendor, service }, reason, fromAddress);
      return { open: false, reason };
    };
    const verdict = identify(supplicant, judge, challenge(), clock.now());
    if (!verdict.accepted) return refused(`${verdict.refusal}: ${verdict.detail}`);
    const vendor = verdict.identity;
    const approval = this.#approvals.find(
      (one) =>
        sameIdentity(one.vendor, vendor) &&
        nameOf(one.service) === nameOf(service) &&
        clock.now() < one.untilMs,
    );
    if (approval === undefined) return refused('no engineer has approved it', vendor);
    const { engineer, untilMs } = approval;
    const record: SessionRecord = {
      ...{ vendor, engineer, service, openedAtMs: clock.now(), endedAtMs: undefined },
      ...{ connections: 0, toService: [], toVendor: [] },
    };
    const sockets = new Set<Socket>();
    const server = createServer({ noDelay: true }, (socket) =>
      this.#relay(socket, fromAddress, at, record, sockets),
    );
    const port = await settling.hold('the bastion that listens', () => listen(server, this.#options.address));
    const session: OpenSession = {
      ...{ record, server, sockets },
      timer: clock.at(untilMs, () => this.#end(session, 'its time is over')),
    };
    this.#sessions.add(session);
    this.#records.push(record);
    this.#tell('vendor.session-opened', 'allowed', record, `approved by ${urnOf(engineer)}`, fromAddress);
    return { open: true, host: this.#options.address, port };
  }

  /** Ends every session of a vendor, and what was approved for it. @returns how many were open. */
  close(vendor: Identity): number {
    const isIts = (one: { readonly vendor: Identity }): boolean => sameIdentity(one.vendor, vendor);
    this.#approvals = this.#approvals.filter((one) => !isIts(one));
    const open = [...this.#sessions].filter(({ record }) => isIts(record));
    for (const session of open) this.#end(session, 'it was closed');
    return open.length;
  }

  async stop(): Promise<void> {
    const closing = [...this.#sessions].map(
      ({ server }) => new Promise((resolve) => server.once('close', resolve)),
    );
    for (const session of this.#sessions) this.#end(session, 'the bastion stopped');
    await Promise.all(closing);
  }

  #relay(
    vendor: Socket,
    fromAddress: string,
    at: RelayTarget['at'],
    record: SessionRecord,
    sockets: Set<Socket>,
  ): void {
    const { settling, gate, address } = this.#options;
    if (!gate(vendor, { asset: 'bastion', name: 'session' }).allowed) return;
    vendor.on('error', () => undefined);
    // The session is one vendor's: its neighbours in the zone find the port, and nobody behind it.
    if (at === undefined || vendor.remoteAddress !== fromAddress) {
      vendor.destroy();
      return;
    }
    record.connections += 1;
    settling.watch('server', vendor);
    const service = connect({ ...at, localAddress: address, noDelay: true });
    service.on('error', () => undefined);
    service.once('connect', () => settling.watch('client', service));
    pass(vendor, service, record.toService);
    pass(service, vendor, record.toVendor);
    for (const socket of [vendor, service]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    }
  }

  #end(session: OpenSession, cause: string): void {
    if (!this.#sessions.delete(session)) return;
    const { record, server, sockets, timer } = session;
    timer.cancel();
    server.close();
    for (const socket of sockets) socket.destroy();
    record.endedAtMs = this.#options.clock.now();
    this.#tell('vendor.session-ended', 'observed', record, `${cause}; ${record.connections} connections`);
  }

  #tell(
    event: string,
    outcome: 'allowed' | 'denied' | 'observed',
    { vendor, service }: { readonly vendor: Identity | undefined; readonly service: GatedService },
    cause: string,
    address?: string,
  ): void {
    this.#options.evidence({
      source: 'network',
      event,
      outcome,
      visibility: 'blue',
      subject: vendor === undefined ? null : urnOf(vendor),
      object: nameOf(service),
      control: 'vendor-bastion',
      cause,
      ...(address && { address }),
    });
  }
}

/** Hands on what comes, keeps a copy, and ends the other side with this one. */
function pass(from: Socket, to: Socket, kept: Buffer[]): void {
  let bytes = 0;
  from.on('data', (chunk: Buffer) => {
    if (bytes < MOST_RECORDED_BYTES) kept.push(chunk.subarray(0, MOST_RECORDED_BYTES - bytes));
    bytes += chunk.byteLength;
    // Whoever reads slowly is waited for: the relay keeps nothing but its record.
    if (!to.write(chunk)) {
      from.pause();
      to.once('drain', () => from.resume());
    }
  });
  // Also where it broke: what is on its way to the other side still arrives.
  from.once('close', () => to.end());
}

function listen(server: Server, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port: 0 }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}
