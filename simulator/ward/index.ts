export { Caregiver } from './caregiver.ts';
export type { Order } from './order-account.ts';
export { type Admission, syntheticPatients } from './patients.ts';
export { startShift } from './shift.ts';
