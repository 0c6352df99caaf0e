export { type Connection, type ConnectionHandlers, keepConnected } from './keep-connected.ts';
export { MemoryBroker } from './memory-link.ts';
export { openMqtt } from './mqtt-link.ts';
export { Radio } from './radio.ts';
export { type ClientCredential, type ConnectOptions, type Endpoint, openSocket } from './tls-link.ts';
