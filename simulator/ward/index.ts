export { Caregiver } from './caregiver.ts';
export type { Order } from './order-account.ts';
export { startShift } from './shift.ts';
