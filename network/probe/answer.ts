import { z } from 'zod';

const ms = z.number().nonnegative();

/** `by` tells who refused, as far as it shows: the host with RST or port-unreachable, or something on the way with a prohibition. */
const reachAnswer = z.strictObject({
  outcome: z.enum(['open', 'refused', 'dropped']),
  by: z.enum(['host', 'firewall']).optional(),
  detail: z.string(),
  ms,
});

const tlsAnswer = z.strictObject({
  outcome: z.enum(['accepted', 'refused', 'unreachable']),
  detail: z.string(),
  ms,
});

const mqttResult = z.strictObject({
  role: z.string(),
  does: z.enum(['connect', 'subscribe', 'publish']),
  /** Empty for `connect`. */
  topics: z.string(),
  outcome: z.enum(['allowed', 'denied', 'unreachable']),
  detail: z.string(),
  ms,
});

const mqttAnswer = z.strictObject({ results: z.array(mqttResult), ms });

const serviceAnswer = z.strictObject({
  outcome: z.enum(['reached', 'not reached']),
  detail: z.string(),
  ms,
});

/** answered: something came back, be it the end; silent: nothing does; ended: it had not come about, or was over before. */
const sessionAnswer = z.strictObject({ outcome: z.enum(['open', 'answered', 'silent', 'ended']), ms });

export type SessionAnswer = z.infer<typeof sessionAnswer>;
export type ReachAnswer = z.infer<typeof reachAnswer>;
export type TlsAnswer = z.infer<typeof tlsAnswer>;
export type MqttResult = z.infer<typeof mqttResult>;
export type MqttAnswer = z.infer<typeof mqttAnswer>;
export type ServiceAnswer = z.infer<typeof serviceAnswer>;

/** Which answer belongs to which kind of probe. */
export const ANSWERS = {
  tcp: reachAnswer,
  udp: reachAnswer,
  tls: tlsAnswer,
  mqtt: mqttAnswer,
  service: serviceAnswer,
  session: sessionAnswer,
} as const;

/** The answer to a probe, by its kind. */
export type AnswerTo<Kind extends keyof typeof ANSWERS> = z.infer<(typeof ANSWERS)[Kind]>;

/** A line of a prober. */
export const proberLine = z.union([
  z.strictObject({ ready: z.literal(true) }),
  z.strictObject({ id: z.int(), answer: z.unknown() }),
  z.strictObject({ id: z.int(), failed: z.string() }),
]);
