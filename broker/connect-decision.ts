import type { Clock } from '../clock/index.ts';
import { type ControlId, type Reached, urnOf } from '../protocol/index.ts';
import type { Audit } from './audit.ts';
import type { Decisions } from './decisions.ts';
import { Places } from './limits/places.ts';
import type { RateLimit } from './limits/rate-limit.ts';
import type { SessionQuota } from './limits/session-quota.ts';
import { bindIdentity } from './policy/binding.ts';
import { judgeTakeover } from './policy/takeover.ts';
import { payer, type Session, watchKeepAlive } from './session.ts';
import type { ConnectAnswer, ConnectRequest } from './session-hooks.ts';
import type { SessionRegister } from './session-register.ts';

export interface ConnectRules {
  readonly clock: Clock;
  readonly controls: ReadonlySet<ControlId>;
  readonly audit: Audit;
  /** Absent where `rate-limit` is off. */
  readonly rates: RateLimit | undefined;
  /** Absent where `session-quota` is off. */
  readonly quota: SessionQuota | undefined;
  readonly decisions: Decisions;
  readonly register: SessionRegister;
}

/** Whether a CONNECT becomes a session: binding, rate, takeover, will and quota, in this order; and its keep-alive. */
export class ConnectDecision {
  readonly #rules: ConnectRules;
  readonly #places = new Places();

  constructor(rules: ConnectRules) {
    this.#rules = rules;
  }

  decide(session: Session, request: ConnectRequest): ConnectAnswer {
    const { audit, controls, decisions, quota, rates, register } = this.#rules;
    const proved = session.certificate?.identity;
    const binding = bindIdentity(proved, request.clientId, controls, session.number);
    if (binding.bound) {
      session.identity = binding.identity;
      session.clientId = binding.clientId;
    }
    const charged = payer(session);
    // Each CONNECT is charged, also one that will be refused: it cost a handshake.
    const often = charged && rates?.connect(charged);
    if (often !== undefined) return { refused: this.#over(session, often), returnCode: 3 };
    if (!binding.bound) {
      register.refused(session, binding.control, binding.cause);
      return { refused: binding.cause, returnCode: 2 };
    }
    const { identity, clientId } = binding;
    const holder = register.holder(clientId);
    const takeover =
      holder && judgeTakeover(holder.certificate?.identity, session.certificate?.identity, controls);
    if (takeover?.allowed === false) {
      register.refused(session, takeover.control, takeover.cause);
      return { refused: takeover.cause, returnCode: 2 };
    }
    const who = payer(session) ?? identity;
    // A will is a publication that is made later: judged now, so that it cannot surprise anybody then.
    if (request.will !== undefined && !decisions.mayPublish(session, request.will)) {
      session.refusalRecorded = true; // with the control that denied the will
      return { refused: 'the will may not be published', returnCode: 5 };
    }
    // Last, since it changes what counts as kept.
    const full = quota?.session(who, clientId, request.clean, this.#places.others(who, clientId));
    if (full !== undefined) return { refused: this.#over(session, full), returnCode: 3 };
    session.use = quota?.use(who, clientId, request.clean);
    if (holder !== undefined && takeover !== undefined) {
      const { cause } = takeover;
      audit.session(holder, { event: 'session.taken-over', outcome: 'observed', control: null, cause });
    }
    session.isKept = !request.clean;
    session.place = this.#places.take(who, clientId);
    this.#watchKeepAlive(session, request.keepAliveS);
    return { clientId, holder: urnOf(who) };
  }

  /** Why a session cannot be had; recorded. */
  #over(session: Session, reached: Reached): string {
    session.refusalRecorded = true;
    this.#rules.audit.limit(session, 'session.refused', reached);
    return reached.cause;
  }

  #watchKeepAlive(session: Session, askedS: number): void {
    const { audit, clock, quota, register } = this.#rules;
    const countsS = quota?.keepAliveS(askedS) ?? askedS;
    watchKeepAlive(session, countsS, clock, () => {
      if (countsS === askedS) {
        register.ended(session, 'nothing was heard for 1.5 times the keep-alive');
      } else {
        const cause = `silent for 1.5 times ${countsS} s, as long as any keep-alive may be; it asked for ${askedS}`;
        audit.limit(session, 'session.shed', { code: 'keep-alive', cause });
      }
      session.gate.destroy();
    });
  }
}
