import pino from 'pino';
import type { Clock } from '../clock/index.ts';
import { type EvidenceEntry, type EvidenceSink, PumprangeError } from '../protocol/index.ts';

export const LOG_LEVELS = ['error', 'warn', 'info'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogOptions {
  /** A file, or `-` for standard error. */
  readonly to: string;
  readonly level: LogLevel;
  readonly component: string;
  readonly clock: Clock;
}

export interface Log {
  readonly record: EvidenceSink;
  close(): void;
}

const STDERR = 2;

/**
 * JSON lines for whoever collects logs: the fields of the evidence, without its chain. Denials are warnings. Neither keys nor payloads
 * are in it, since the evidence has none. A log that cannot be written stops nothing; the evidence is what counts.
 *
 * @throws PumprangeError `PR_DISK` if the file cannot be opened
 */
export function openLog({ to, level, component, clock }: LogOptions): Log {
  const destination = open(to);
  destination.on('error', () => undefined);
  const log = pino(
    {
      level,
      base: { component },
      timestamp: () => `,"time":${Math.round(clock.now())}`,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return {
    record: (entry) => log[levelOf(entry)](withoutAbsent(entry), entry.event),
    close: () => {
      if (to !== '-') destination.end();
    },
  };
}

function levelOf({ event, outcome }: EvidenceEntry): LogLevel {
  if (event === 'store.failed') return 'error';
  return outcome === 'denied' ? 'warn' : 'info';
}

function withoutAbsent(entry: EvidenceEntry): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(entry).filter(([, value]) => value !== null && value !== undefined),
  );
}

function open(to: string) {
  try {
    return to === '-'
      ? pino.destination({ dest: STDERR, sync: true })
      : pino.destination({ dest: to, sync: true, append: true, mode: 0o600 });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PumprangeError('PR_DISK', `the log: ${reason}`, { cause: error });
  }
}
