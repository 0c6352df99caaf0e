export { serviceHost } from './address.ts';
export type { ServiceName } from './catalogue.ts';
export { SHARED_SERVICE_CODE } from './dialogue.ts';
export { openServices } from './open-services.ts';
export { PumpServices } from './pump-services.ts';
export { ServedDevice } from './served-device.ts';
