import type { MqttAnswer, MqttResult } from './answer.ts';
import { Bounded } from './bounded.ts';
import { MqttSession, type Refusal } from './mqtt-session.ts';
import { since } from './reach.ts';
import type { MqttProbe, MqttRole, MqttStep, MqttWitness } from './request.ts';

/** Roles at a time: handshakes share what CPU there is. */
const ROLES_AT_A_TIME = 4;
/** A message that was acknowledged has come by then, or was never handed on. */
const DELIVERY_MS = 1_000;

type Done = Pick<MqttResult, 'outcome' | 'detail'>;

/** Tries everything at one broker from one place: each role in sessions of its own, with witnesses for what is published. */
export async function probeMqtt(probe: MqttProbe): Promise<MqttAnswer> {
  const begun = performance.now();
  const witnesses = await Promise.all(probe.witnesses.map((witness) => Witness.open(probe, witness)));
  const heard = new Map(witnesses.flatMap((witness) => (witness ? [[witness.name, witness] as const] : [])));
  const bounded = new Bounded(ROLES_AT_A_TIME);
  try {
    const results = await Promise.all(
      probe.roles.map((role) => bounded.run(() => tryRole(probe, role, heard))),
    );
    return { results: results.flat(), ms: since(begun) };
  } finally {
    for (const witness of heard.values()) witness.leave();
  }
}

async function tryRole(
  probe: MqttProbe,
  role: MqttRole,
  witnesses: ReadonlyMap<string, Witness>,
): Promise<readonly MqttResult[]> {
  const results: MqttResult[] = [];
  const begun = performance.now();
  let session = await MqttSession.open(probe, probe.over, role);
  const connected = session instanceof MqttSession ? ALLOWED : session;
  results.push({ role: role.role, does: 'connect', topics: '', ...connected, ms: since(begun) });
  if (!(session instanceof MqttSession)) return results;
  for (const step of role.steps) {
    // A broker ends the session of whoever publishes what it may not: there is no other way to say so in MQTT 3.1.1.
    if (!(session instanceof MqttSession && session.isOpen)) {
      session = await MqttSession.open(probe, probe.over, role);
    }
    const at = performance.now();
    const done: Done =
      session instanceof MqttSession ? await carryOut(session, step, witnesses) : refusedAgain(session);
    results.push({ role: role.role, does: step.does, topics: step.topics, ...done, ms: since(at) });
  }
  if (session instanceof MqttSession) session.leave();
  return results;
}

async function carryOut(
  session: MqttSession,
  step: MqttStep,
  witnesses: ReadonlyMap<string, Witness>,
): Promise<Done> {
  if (step.does === 'subscribe') {
    const code = await session.subscribe(step.filter);
    if (typeof code === 'string') return { outcome: 'denied', detail: `${code} before SUBACK` };
    const detail = `SUBACK 0x${code.toString(16).padStart(2, '0')}`;
    return { outcome: code < 0x80 ? 'allowed' : 'denied', detail };
  }
  const witness = step.witness === undefined ? undefined : witnesses.get(step.witness);
  const delivery = witness?.expect(step.payload);
  const code = await session.publish(step.topic, step.payload);
  if (typeof code === 'string') return { outcome: 'denied', detail: `${code} before PUBACK` };
  if (delivery === undefined) return { outcome: 'allowed', detail: 'PUBACK' };
  return (await delivery(DELIVERY_MS))
    ? { outcome: 'allowed', detail: 'PUBACK, and delivered' }
    : { outcome: 'denied', detail: 'PUBACK, and silently not delivered' };
}

const ALLOWED: Done = { outcome: 'allowed', detail: 'CONNACK 0' };

function refusedAgain({ outcome, detail }: Refusal): Done {
  return { outcome, detail: `no new session: ${detail}` };
}

/** Somebody who reads along. */
class Witness {
  readonly name: string;
  readonly #session: MqttSession;
  readonly #seen = new Set<string>();
  readonly #awaited = new Map<string, () => void>();

  private constructor(name: string, session: MqttSession) {
    this.name = name;
    this.#session = session;
    session.onMessage((payload) => {
      this.#seen.add(payload);
      this.#awaited.get(payload)?.();
    });
  }

  /** @returns `undefined` where it may not come in, or may not read */
  static async open(probe: MqttProbe, { name, filters, ...who }: MqttWitness): Promise<Witness | undefined> {
    const session = await MqttSession.open(probe, probe.over, who);
    if (!(session instanceof MqttSession)) return undefined;
    const witness = new Witness(name, session);
    for (const filter of filters) {
      const code = await session.subscribe(filter);
      if (typeof code === 'number' && code < 0x80) continue;
      session.leave();
      return undefined;
    }
    return witness;
  }

  /** @returns waits for a payload, and tells whether it came in time */
  expect(payload: string): (withinMs: number) => Promise<boolean> {
    return (withinMs) =>
      new Promise((resolve) => {
        if (this.#seen.has(payload)) return resolve(true);
        const timer = setTimeout(() => {
          this.#awaited.delete(payload);
          resolve(false);
        }, withinMs);
        this.#awaited.set(payload, () => {
          clearTimeout(timer);
          resolve(true);
        });
      });
  }

  leave(): void {
    this.#session.leave();
  }
}
