export { Broker, type BrokerCounts, type BrokerOptions } from './broker.ts';
export type { ServerCredential } from './listener/tls-options.ts';
export { decide, type PolicyDecision, type PolicyRequest } from './policy/decide.ts';
