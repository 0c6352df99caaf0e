import type { EvidenceEvent } from '../../protocol/index.ts';
import type { JudgedExpectation } from './expectations.ts';
import type { Observation } from './observation.ts';

/**
 * A rehearsal as text: simulated offsets and outcomes, and never a date, a key, a serial number of a certificate, a signature, a hash or a
 * port. The same seed and scenario give the same bytes; a changed outcome changes them.
 *
 * Lines of one instant are sorted: which of two sockets the kernel serves first is not an outcome.
 */
export function transcriptOf(
  name: string,
  observation: Observation,
  judged: readonly JudgedExpectation[],
): string {
  const { startMs } = observation;
  const lines: { readonly atMs: number; readonly text: string }[] = [];
  const say = (atMs: number, text: string): void => {
    lines.push({ atMs, text });
  };

  for (const pump of observation.pumps) {
    for (const flow of pump.flows) {
      say(flow.fromMs, `${pump.serial} ${flow.channel} flows at ${number(flow.flowMlPerH)} mL/h`);
    }
    for (const alarm of pump.alarms) {
      say(
        alarm.atMs,
        `${pump.serial} ${alarm.channel ?? '-'} ${alarm.alarm} ${alarm.change} (${alarm.priority})`,
      );
    }
    for (const { atMs, channels, library, firmware } of pump.snapshots) {
      const therapy = channels.map(({ channel, therapy }) => `${channel} ${therapy}`).join(', ');
      say(
        atMs,
        `${pump.serial} is seen: ${therapy}; library ${library.inUse ?? 'none'}, pending ${library.pending ?? 'none'}; firmware ${firmware.running}`,
      );
    }
    say(observation.endMs, `${pump.serial} made ${pump.records.length} records`);
  }
  for (const intent of observation.intents) {
    say(
      intent.atMs,
      `${intent.serial} ${intent.channel} is to flow at ${number(intent.rateMlPerH)} mL/h (${intent.orderId})`,
    );
  }
  for (const event of observation.evidence) say(event.receiptTimeMs, evidenceText(event));
  for (const { stepId, outcome, detail, atMs } of observation.steps) {
    say(atMs, `step ${stepId}: ${outcome}: ${detail}`);
  }
  for (const { connection, topic, atMs } of observation.received) {
    say(atMs, `${connection} receives ${topic}`);
  }
  for (const { rule, subject, atMs } of observation.detections) say(atMs, `alert ${rule}: ${subject}`);
  for (const { playbook, actions } of observation.responses) {
    for (const { action, outcome, detail, atMs } of actions) {
      say(atMs, `playbook ${playbook}: ${action}: ${outcome}: ${detail}`);
    }
  }
  say(observation.endMs, `${observation.storedRecords.length} records are stored`);

  const body = lines
    .map(({ atMs, text }) => ({ offsetMs: Math.round(atMs - startMs), text: withoutDates(text, startMs) }))
    .sort((a, b) => a.offsetMs - b.offsetMs || (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ offsetMs, text }) => `+${(offsetMs / 1_000).toFixed(3)} ${text}`);
  const verdicts = judged.map(
    ({ id, held, expected, actual }) => `${held ? 'held' : 'NOT HELD'} ${id}: ${expected}; ${actual}`,
  );
  return [`# ${name}`, ...body, ...verdicts, ''].join('\n');
}

function evidenceText(event: EvidenceEvent): string {
  const { source, outcome, control, subject, object, cause, visibility } = event;
  const parts = [`${source} ${event.event} ${outcome}`, `[${visibility}]`];
  if (control !== null) parts.push(`by ${control}`);
  if (subject !== null) parts.push(`of ${subject}`);
  if (object !== null) parts.push(`on ${object}`);
  if (cause !== null) parts.push(`because ${cause}`);
  return parts.join(' ');
}

/** A date in a cause becomes its offset, a digest its place. */
function withoutDates(text: string, startMs: number): string {
  return text
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, (date) => {
      // Certificates and lists cut their dates down to whole seconds, the start is none: rounded it could fall either way.
      const offsetS = Math.ceil((Date.parse(date) - startMs) / 1_000);
      return `T${offsetS < 0 ? '' : '+'}${offsetS}s`;
    })
    .replace(/\b[0-9a-f]{32,}\b/g, '<hex>');
}

function number(value: number): string {
  return String(Number(value.toFixed(6)));
}
