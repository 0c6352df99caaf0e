/** Where a probe leaves from, and where it goes. */
export interface ProbePath {
  /** The address that it speaks from; absent: whichever the system takes. */
  readonly from?: string;
  /** An address; a name is never resolved. */
  readonly to: string;
  readonly port: number;
}

/** What somebody shows of itself. PEM. */
export interface ProbeCredential {
  readonly chainPem: string;
  readonly privateKeyPem: string;
}

/** Whether a port answers: a connection, or a datagram. */
export interface ReachProbe extends ProbePath {
  readonly kind: 'tcp' | 'udp';
}

export interface TlsProbe extends ProbePath {
  readonly kind: 'tls';
  /** Absent: it shows no certificate. */
  readonly credential?: ProbeCredential;
  /** Whom it trusts; absent: it takes any server. */
  readonly rootPem?: string;
  /** Base64 of something that the server answers, whatever it thinks of it; absent: only whether it hangs up is seen. */
  readonly say?: string;
}

/** One thing that a role tries in a session, or with one. `topics` is what to call it in the answer. */
export type MqttStep =
  | { readonly does: 'subscribe'; readonly topics: string; readonly filter: string }
  | {
      readonly does: 'publish';
      readonly topics: string;
      readonly topic: string;
      /** Text of a message that only this step sends, so that a witness knows it. */
      readonly payload: string;
      /** Which of the witnesses would get it; absent: nobody listens, and PUBACK is believed. */
      readonly witness?: string;
    };

export interface MqttRole {
  readonly role: string;
  readonly clientId: string;
  readonly credential?: ProbeCredential;
  readonly steps: readonly MqttStep[];
}

/** Somebody who may read what others publish, and tells whether it came. */
export interface MqttWitness {
  readonly name: string;
  readonly clientId: string;
  readonly credential: ProbeCredential;
  readonly filters: readonly string[];
}

/** All that is to be tried at one broker from one place. */
export interface MqttProbe extends ProbePath {
  readonly kind: 'mqtt';
  readonly over: 'tls' | 'plaintext';
  readonly roles: readonly MqttRole[];
  readonly witnesses: readonly MqttWitness[];
}

/** A service of a pump: it greets, and answers a word. */
export interface ServiceProbe extends ProbePath {
  readonly kind: 'service';
}

/** A session that is opened and held, or asked in whether it is still one. */
export interface SessionProbe extends ProbePath {
  readonly kind: 'session';
  readonly step: 'open' | 'ask';
  readonly name: string;
}

export type Probe = ReachProbe | TlsProbe | MqttProbe | ServiceProbe | SessionProbe;

export interface ProbeRequest {
  readonly id: number;
  readonly probe: Probe;
}
