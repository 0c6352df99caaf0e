import type { Clock, Settling } from '../clock/index.ts';
import {
  type CertificateJudge,
  type ControlId,
  type Dial,
  DialRefusedError,
  type EvidenceSink,
  type Posture,
  type Serial,
} from '../protocol/index.ts';
import { type ClientCredential, type Endpoint, openMqtt, openSocket } from '../simulator/transport/index.ts';

/** Whether a handshake that failed is tried again with the oldest that a server might know. */
interface Downgrade {
  readonly allowed: () => boolean;
  readonly declined: () => void;
}

/** From where and where to somebody dials, and how it judges who answers. */
interface Dialling {
  readonly clock: Clock;
  readonly settling: Settling;
  readonly judge: CertificateJudge;
  readonly posture: Posture;
  readonly endpoint: () => Endpoint;
  /** Loopback address to speak from; absent: 127.0.0.1. */
  readonly localAddress?: string | undefined;
}

/** What a pump may be talked into by whoever cuts its handshakes off, and that it is not. */
export function downgrades(
  serial: Serial,
  evidence: EvidenceSink,
  controls: ReadonlySet<ControlId>,
): Downgrade {
  return {
    allowed: () => !controls.has('modern-tls'),
    declined: () =>
      evidence({
        ...{ source: `pump:${serial}`, event: 'downgrade.refused', outcome: 'denied', visibility: 'white' },
        ...{ control: 'modern-tls', cause: 'its handshake was cut off, and it offers nothing less' },
      }),
  };
}

/** A pump that turns its back on a server has nobody to tell: only the exercise sees it. */
export function tellingWhoWasRefused(serial: Serial, evidence: EvidenceSink, dial: Dial): Dial {
  return async (options, handlers) => {
    try {
      return await dial(options, handlers);
    } catch (error) {
      if (error instanceof DialRefusedError && error.control !== null) {
        const { control, reason: cause } = error;
        const told = { event: 'server.refused', outcome: 'denied', visibility: 'white' } as const;
        evidence({ source: `pump:${serial}`, ...told, control, cause });
      }
      throw error;
    }
  };
}

/** Opens MQTT sessions, each with the credential that there is then, to wherever the broker is. */
export function dialer(
  options: Dialling,
  credential: ClientCredential | undefined | (() => ClientCredential | undefined),
  checksServer: (controls: ReadonlySet<ControlId>) => boolean = () => true,
  downgrade?: Downgrade,
): Dial {
  const { clock, settling, judge, posture, endpoint, localAddress } = options;
  let hasFailed = false;
  let wasCutOff = false;
  return async (dialOptions, handlers) => {
    const to = endpoint();
    const shown = typeof credential === 'function' ? credential() : credential;
    if (shown === undefined && typeof credential === 'function' && to.listener === 'tls') {
      throw new DialRefusedError('there is no certificate yet');
    }
    const offersOldest = hasFailed && to.listener === 'tls' && downgrade?.allowed() === true;
    hasFailed = !hasFailed;
    const socket = await openSocket({
      clock,
      settling,
      endpoint: to,
      credential: shown,
      offersOldest,
      judge: checksServer(posture.controls) ? judge : undefined,
      controls: posture.controls,
      localAddress,
      cutOff: () => {
        // Once for each time that it is kept away.
        if (!wasCutOff && downgrade?.allowed() === false) downgrade.declined();
        wasCutOff = true;
      },
    });
    hasFailed = false;
    wasCutOff = false;
    return openMqtt(socket, clock, dialOptions, handlers);
  };
}
