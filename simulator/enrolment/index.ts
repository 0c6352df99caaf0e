export { DeviceClock } from './device-clock.ts';
export { type EnrolmentCodec, EstClient } from './est-client.ts';
export { type KeptCertificate, keepCertified } from './keep-certified.ts';
