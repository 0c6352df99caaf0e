export { DeviceClock } from './device-clock.ts';
export { type EnrolmentCodec, EstClient } from './est-client.ts';
export { exchange } from './http-exchange.ts';
export { type KeptCertificate, keepCertified } from './keep-certified.ts';
