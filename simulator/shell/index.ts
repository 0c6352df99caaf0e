export type { LogRecord } from './pump-log.ts';
export { PumpShell, type PumpShellOptions } from './pump-shell.ts';
