export { acceptConfiguration } from './acceptance.ts';
