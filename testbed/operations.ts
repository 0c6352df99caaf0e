import { type BrokerFigures, type StatusServer, serveStatus } from '../broker/index.ts';
import type { Clock } from '../clock/index.ts';
import type { EvidenceSink } from '../protocol/index.ts';
import { type KeyLog, openKeyLog } from './key-log.ts';
import { type Log, type LogLevel, openLog } from './log-file.ts';
import { HOST } from './testbed.ts';

/** What whoever runs a broker asks for beside it. */
export interface OperationsOptions {
  /** Port of `/metrics`, `/healthz` and `/readyz`; 0 asks the system for one. */
  readonly metricsPort?: number | undefined;
  readonly log?: { readonly to: string; readonly level: LogLevel } | undefined;
  readonly keyLogFile?: string | undefined;
}

export interface Operations {
  readonly keyLog: ((line: Buffer) => void) | undefined;
  /** A sink that also writes the log. */
  tee(sink: EvidenceSink): EvidenceSink;
  /** Serves metrics if they were asked for; resolves to where. */
  serve(figures: () => BrokerFigures | undefined): Promise<{ readonly metricsPort?: number }>;
  close(): Promise<void>;
}

/** @throws PumprangeError `PR_DISK` */
export function openOperations(component: string, clock: Clock, options: OperationsOptions = {}): Operations {
  const { metricsPort, log: logTo, keyLogFile } = options;
  const log: Log | undefined = logTo && openLog({ ...logTo, component, clock });
  const keyLog: KeyLog | undefined = keyLogFile === undefined ? undefined : openKeyLog(keyLogFile);
  let status: StatusServer | undefined;
  return {
    keyLog: keyLog?.append,
    tee: (sink) =>
      log === undefined
        ? sink
        : (entry) => {
            sink(entry);
            log.record(entry);
          },
    serve: async (figures) => {
      if (metricsPort === undefined) return {};
      status = await serveStatus({ host: HOST, port: metricsPort, figures });
      return { metricsPort: status.port };
    },
    close: async () => {
      await status?.close();
      keyLog?.close();
      log?.close();
    },
  };
}
