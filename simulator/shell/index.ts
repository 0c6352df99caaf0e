export { type LogRecord, type LogStore, memoryLog } from './log-store.ts';
export { PumpShell, type PumpShellOptions } from './pump-shell.ts';
