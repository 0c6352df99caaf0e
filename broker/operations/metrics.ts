import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { BrokerFigures } from './figures.ts';

export interface Metrics {
  readonly contentType: string;
  /** The text exposition format of Prometheus, version 0.0.4. */
  text(): Promise<string>;
}

type Labelled = ReadonlyMap<string | null, number>;

/** Gauges of prom-client whose names say that they are counters; `promtool check metrics` objects. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/**
 * What a broker counts, as Prometheus metrics; what Node.js knows of the process (event-loop lag, memory, garbage) is beside it.
 * Nothing is counted twice: the figures are read when they are asked for. The one place that knows prom-client.
 *
 * @param read `undefined` while there is no broker
 */
export function createMetrics(read: () => BrokerFigures | undefined): Metrics {
  const register = new Registry();
  const registers = [register];
  const count = (name: string, help: string, value: (figures: BrokerFigures) => number): void => {
    new Counter({
      name,
      help,
      registers,
      collect() {
        const figures = read();
        this.reset();
        if (figures !== undefined) this.inc(value(figures));
      },
    });
  };
  const countBy = (
    name: string,
    help: string,
    label: string,
    values: (figures: BrokerFigures) => Labelled,
  ): void => {
    new Counter({
      name,
      help,
      labelNames: [label],
      registers,
      collect() {
        const figures = read();
        this.reset();
        for (const [of, value] of figures === undefined ? [] : values(figures)) {
          this.inc({ [label]: of ?? 'none' }, value);
        }
      },
    });
  };
  const gauge = (name: string, help: string, value: (figures: BrokerFigures) => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        const figures = read();
        this.set(figures === undefined ? 0 : value(figures));
      },
    });
  };

  gauge('pumprange_broker_sessions', 'MQTT sessions that are open.', ({ sessions }) => sessions);
  count('pumprange_broker_sessions_opened_total', 'MQTT sessions that were opened.', (f) => f.sessionsOpened);
  count('pumprange_broker_publishes_in_total', 'Publications accepted.', (f) => f.publishesIn);
  count('pumprange_broker_publishes_out_total', 'Publications handed to readers.', (f) => f.publishesOut);
  count('pumprange_broker_bytes_in_total', 'Bytes of MQTT packets received, TLS aside.', (f) => f.bytesIn);
  count('pumprange_broker_bytes_out_total', 'Bytes of MQTT packets sent, TLS aside.', (f) => f.bytesOut);
  countBy(
    'pumprange_broker_denials_total',
    'Connections, publications, subscriptions and packets denied, by control.',
    'control',
    (f) => f.denials,
  );
  countBy(
    'pumprange_broker_limits_total',
    'How often a limit was reached, by its code.',
    'code',
    (f) => f.limits,
  );
  count(
    'pumprange_broker_handshake_failures_total',
    'TLS handshakes that failed.',
    (f) => f.handshakeFailures,
  );
  gauge('pumprange_broker_queued_messages', 'Messages that wait for kept sessions.', (f) => f.queuedMessages);
  gauge(
    'pumprange_broker_queued_sessions',
    'Kept sessions for which something waits.',
    (f) => f.queuedSessions,
  );
  gauge('pumprange_broker_longest_queue_messages', 'Messages in the longest queue.', (f) => f.longestQueue);
  gauge('pumprange_broker_store_failed', '1 while the disk takes nothing, else 0.', (f) =>
    f.notReady ? 1 : 0,
  );
  collectDefaultMetrics({ register });
  for (const name of MISNAMED) register.removeSingleMetric(name);
  return { contentType: register.contentType, text: () => register.metrics() };
}
