import {
  type Identity,
  type IdentityLimits,
  type Kind,
  type Limits,
  limitsByKind,
  parseClientId,
  type Reached,
  urnOf,
} from '../../protocol/index.ts';

interface AddressUse {
  connections: number;
  unaccepted: number;
}

/** One TCP connection that counts against its address. */
export interface AddressSlot {
  /** CONNECT was accepted. */
  accepted(): void;
  release(): void;
}

/** What one session has in use. */
export interface SessionUse {
  readonly identity: Identity;
  /** What was kept under its client id goes, and nothing is kept of it. */
  readonly clean: boolean;
  readonly filters: Set<string>;
  /** QoS 1 and 2 messages sent and not acknowledged yet. */
  unacknowledged: number;
  /** Packet identifiers of QoS 2 messages received and not released yet [MQTT 4.3.3]. */
  readonly unreleased: Set<number>;
}

/** `session-quota`: how much of the broker one address, one identity and one session may occupy. */
export class SessionQuota {
  readonly limits: Limits;
  readonly #byKind: Readonly<Record<Kind, IdentityLimits>>;
  readonly #addresses = new Map<string, AddressUse>();
  /** Identity → client ids whose session is kept while they are away, with subscriptions or queues. */
  readonly #kept = new Map<string, Set<string>>();
  /** Client id of a kept session → how much may wait for it. */
  readonly #queueLimit = new Map<string, number>();
  /** Client id of a kept session → its QoS 2 messages that are not released: they outlast the connection [MQTT 4.1]. */
  readonly #unreleased = new Map<string, Set<number>>();

  constructor(limits: Limits) {
    this.limits = limits;
    this.#byKind = limitsByKind(limits);
  }

  /** Takes a slot for a connection from this address, or says why there is none. */
  connection(address: string): AddressSlot | Reached {
    const { connectionsPerAddress, unacceptedPerAddress } = this.limits;
    const use = this.#addresses.get(address) ?? { connections: 0, unaccepted: 0 };
    if (use.connections >= connectionsPerAddress) {
      return {
        code: 'address-connections',
        cause: `more than ${connectionsPerAddress} connections of one address`,
      };
    }
    if (use.unaccepted >= unacceptedPerAddress) {
      return {
        code: 'address-unaccepted',
        cause: `more than ${unacceptedPerAddress} connections of one address before CONNACK`,
      };
    }
    use.connections += 1;
    use.unaccepted += 1;
    this.#addresses.set(address, use);
    let waiting = true;
    const accepted = (): void => {
      if (waiting) use.unaccepted -= 1;
      waiting = false;
    };
    let released = false;
    return {
      accepted,
      release: () => {
        if (released) return;
        released = true;
        accepted();
        use.connections -= 1;
        if (use.connections === 0) this.#addresses.delete(address);
      },
    };
  }

  /** Whether an identity may have one session more. `others`: its open sessions under other client ids. */
  session(identity: Identity, clientId: string, clean: boolean, others: number): Reached | undefined {
    const { sessions, queuedMessages } = this.#byKind[identity.kind];
    const urn = urnOf(identity);
    const kept = this.#kept.get(urn);
    const keeps = (kept?.size ?? 0) - (kept?.has(clientId) ? 1 : 0);
    if (others >= sessions || (!clean && keeps >= sessions)) {
      return { code: 'sessions', cause: `more than ${sessions} sessions of one identity` };
    }
    // At once, or many CONNECTs at a time would all see that there is room.
    if (!clean) this.#keep(urn, clientId, queuedMessages);
    return undefined;
  }

  /** A session was opened. Only now is what an earlier one kept gone: until then its CONNECT might have come to nothing. */
  opened({ identity, clean, unreleased }: SessionUse, clientId: string): void {
    const urn = urnOf(identity);
    if (!clean) {
      this.#keep(urn, clientId, this.of(identity).queuedMessages);
      this.#unreleased.set(clientId, unreleased);
      return;
    }
    const kept = this.#kept.get(urn); // [MQTT-3.1.2-6]
    kept?.delete(clientId);
    if (kept?.size === 0) this.#kept.delete(urn);
    this.#queueLimit.delete(clientId);
    this.#unreleased.delete(clientId);
  }

  /** What a session that was granted has in use when it begins. */
  use(identity: Identity, clientId: string, clean: boolean): SessionUse {
    const unreleased = (clean ? undefined : this.#unreleased.get(clientId)) ?? new Set<number>();
    if (!clean) this.#unreleased.set(clientId, unreleased);
    return { identity, clean, filters: new Set(), unacknowledged: 0, unreleased };
  }

  /** An earlier process kept a session for an identity. `unreleased`: its QoS 2 messages that were not released. */
  restored(identity: Identity, clientId: string, unreleased: Iterable<number>): void {
    this.#unreleased.set(clientId, new Set(unreleased));
    this.#keep(urnOf(identity), clientId, this.of(identity).queuedMessages);
  }

  #keep(urn: string, clientId: string, queuedMessages: number): void {
    this.#kept.set(urn, (this.#kept.get(urn) ?? new Set()).add(clientId));
    this.#queueLimit.set(clientId, queuedMessages);
  }

  /** How many messages may wait for a kept session. Of one that another node let in, its name says whose it is. */
  queuedMessages(clientId: string): number {
    return this.#queueLimit.get(clientId) ?? this.#byName(clientId).queuedMessages;
  }

  /** How many messages a reader of that name may have that it has not acknowledged. */
  inflightOf(clientId: string): number {
    return this.#byName(clientId).inflight;
  }

  #byName(clientId: string): IdentityLimits {
    const identity = parseClientId(clientId);
    return identity === undefined ? this.limits.default : this.of(identity);
  }

  of(identity: Identity): IdentityLimits {
    return this.#byKind[identity.kind];
  }

  subscription({ identity, filters }: SessionUse, filter: string): Reached | undefined {
    const { subscriptions } = this.of(identity);
    if (filters.has(filter) || filters.size < subscriptions) return undefined;
    return { code: 'subscriptions', cause: `more than ${subscriptions} subscriptions of one session` };
  }

  /** A SUBSCRIBE with more filters than a session may have is not worth a look at each. */
  filters({ identity }: SessionUse, count: number): Reached | undefined {
    const { subscriptions } = this.of(identity);
    if (count <= subscriptions) return undefined;
    return { code: 'subscriptions', cause: `${count} filters in one SUBSCRIBE, more than ${subscriptions}` };
  }

  inflight({ identity, unacknowledged, unreleased }: SessionUse): Reached | undefined {
    const { inflight } = this.of(identity);
    if (unacknowledged <= inflight && unreleased.size <= inflight) return undefined;
    return {
      code: 'inflight',
      cause: `more than ${inflight} messages of one session without an acknowledgement`,
    };
  }

  outgoing({ identity }: SessionUse, waitingBytes: number): Reached | undefined {
    const { outgoingBytes } = this.of(identity);
    if (waitingBytes <= outgoingBytes) return undefined;
    return { code: 'outgoing-bytes', cause: `more than ${outgoingBytes} bytes wait for one reader` };
  }

  /** The keep-alive that counts. */
  keepAliveS(askedS: number): number {
    const { longestKeepAliveS } = this.limits;
    return askedS === 0 ? longestKeepAliveS : Math.min(askedS, longestKeepAliveS);
  }
}
