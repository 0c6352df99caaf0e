export { KEEP_ALIVE_S } from './communications.ts';
export type { LogRecord, LogStore } from './log-store.ts';
export { PumpShell, type PumpShellOptions } from './pump-shell.ts';
