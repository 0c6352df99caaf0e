export { Broker, type BrokerCounts, type BrokerOptions } from './broker.ts';
export type { ServerCredential } from './listener/tls-options.ts';
export { mosquittoAccessRules } from './mosquitto/access-rules.ts';
export { mosquittoConfiguration } from './mosquitto/configuration.ts';
export { MosquittoLog } from './mosquitto/log.ts';
export { type MosquittoProcess, startMosquitto } from './mosquitto/process.ts';
export type { BrokerFigures } from './operations/figures.ts';
export { type StatusServer, serveStatus } from './operations/status-server.ts';
export { decide, type PolicyDecision, type PolicyRequest } from './policy/decide.ts';
