import { type Command, Option } from 'commander';
import { environment, keyLogWarning, LOG_LEVELS, type LogLevel } from '../../testbed/index.ts';
import { wholeNumber } from './options.ts';

/** What whoever runs a broker may ask for; the same wherever a broker is started. */
export interface OperationsFlags {
  readonly metricsPort?: number;
  readonly log?: string;
  readonly logLevel: LogLevel;
}

export function addOperations(command: Command): Command {
  return command
    .option(
      '--metrics-port <p>',
      'serve /metrics, /healthz and /readyz of the broker on loopback; 0 asks the system for a port',
      wholeNumber(0, 65_535),
    )
    .option('--log <file>', 'append what is in the evidence as JSON lines; - is standard error')
    .addOption(
      new Option('--log-level <level>', 'the least that is logged').choices(LOG_LEVELS).default('info'),
    );
}

/**
 * Also says, on standard error, what must not go unnoticed.
 *
 * @param isOurs another broker has no key log
 */
export function operationsFrom({ metricsPort, log, logLevel }: OperationsFlags, isOurs = true) {
  const sslKeyLogFile = isOurs ? environment.sslKeyLogFile : undefined;
  if (sslKeyLogFile !== undefined) process.stderr.write(`${keyLogWarning(sslKeyLogFile)}\n`);
  return {
    metricsPort,
    log: log === undefined ? undefined : { to: log, level: logLevel },
    keyLogFile: sslKeyLogFile,
  };
}
