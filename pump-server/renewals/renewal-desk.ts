import type { Clock } from '../../clock/index.ts';
import {
  type Composer,
  type EvidenceSink,
  type Link,
  pumpTopic,
  type Serial,
  urnOf,
} from '../../protocol/index.ts';

/**
 * Which authority (SHA-256 of its certificate, lower-case hexadecimal) a pump is to leave now; `undefined` where it need not. The
 * PKI keeps that.
 */
export type AuthorityToLeave = (serial: Serial) => string | undefined;

export interface RenewalDeskOptions {
  readonly clock: Clock;
  readonly composer: Composer;
  readonly evidence: EvidenceSink;
  readonly toLeave: AuthorityToLeave;
}

/**
 * Tells pumps that the authority of their certificate is going, so that they renew. A pump that is away is told when it says that it is
 * there again; one that was told and still has to leave is told again then, too.
 */
export class RenewalDesk {
  readonly #options: RenewalDeskOptions;
  #link: Link | undefined;

  constructor(options: RenewalDeskOptions) {
    this.#options = options;
  }

  online(link: Link): void {
    this.#link = link;
  }

  offline(): void {
    this.#link = undefined;
  }

  /** Says it to whoever of these has to leave an authority. */
  announce(serials: readonly Serial[]): void {
    const { clock, composer, evidence, toLeave } = this.#options;
    const link = this.#link;
    if (link === undefined) return;
    for (const serial of serials) {
      const authority = toLeave(serial);
      if (authority === undefined) continue;
      const to = urnOf({ kind: 'pump', id: serial });
      const message = composer.compose('renewal', { authority }, { to });
      // Without a session the pump does not hear it; it is told when it comes.
      link.publish(pumpTopic(serial, 'renewal'), JSON.stringify(message), { qos: 1 }).catch(() => undefined);
      evidence({
        source: 'pump-server',
        event: 'renewal.announced',
        outcome: 'observed',
        visibility: 'blue',
        deviceTimeMs: clock.now(),
        subject: to,
      });
    }
  }
}
