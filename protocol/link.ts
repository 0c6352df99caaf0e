import type { ControlId } from './controls.ts';

/** An MQTT 3.1.1 session that is up. */
export interface Link {
  /** Resolves when sent (QoS 0) or acknowledged (QoS 1); rejects when the link closes first. */
  publish(
    topic: string,
    payload: string | Uint8Array,
    options: { readonly qos: 0 | 1; readonly retain?: boolean },
  ): Promise<void>;
  /** Resolves to whether the broker granted the filter. */
  subscribe(filter: string, qos: 0 | 1): Promise<boolean>;
  /** Says goodbye and closes: the will is not published. */
  end(): void;
  /** Cuts the connection: the will is published. */
  cut(): void;
}

export interface LinkHandlers {
  readonly message: (topic: string, payload: Buffer, retained: boolean) => void;
  /** Called once, whoever closed. */
  readonly closed: (reason: string) => void;
}

export interface DialOptions {
  readonly clientId: string;
  readonly keepAliveS: number;
  /** Whether the session begins and ends with the connection [MQTT-3.1.2-6]; yes unless told. */
  readonly clean?: boolean;
  readonly will?: {
    readonly topic: string;
    readonly payload: string | Buffer;
    readonly retain: boolean;
    /** 1 unless told. */
    readonly qos?: 0 | 1;
  };
}

/** Opens a session. Rejects with `DialRefusedError` if either side does not accept the other. */
export type Dial = (options: DialOptions, handlers: LinkHandlers) => Promise<Link>;

/** Why there is no session. `control` names our own control where it was this end that refused. */
export class DialRefusedError extends Error {
  constructor(
    readonly reason: string,
    readonly control: ControlId | null = null,
    options?: { readonly cause?: unknown },
  ) {
    super(reason, options);
    this.name = 'DialRefusedError';
  }
}
