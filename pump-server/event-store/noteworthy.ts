import {
  type EventMessage,
  type EvidenceEntry,
  isControlId,
  type Serial,
  urnOf,
} from '../../protocol/index.ts';

type Noteworthy = Pick<EvidenceEntry, 'event' | 'outcome' | 'subject'> &
  Pick<Partial<EvidenceEntry>, 'control' | 'cause'>;

/** Keys that ask for a code. */
const ASKS_FOR_CODE: ReadonlySet<unknown> = new Set(['unlock', 'enter-service']);

/**
 * What of a pump's own log the hospital's evidence takes up, since it happens at the keypad and nobody else sees it; `undefined`
 * for the rest. It is known when the record arrives, which may be long after it happened.
 */
export function noteworthy(serial: Serial, { event, detail }: EventMessage['body']): Noteworthy | undefined {
  const subject = urnOf({ kind: 'pump', id: serial });
  const text = (key: string): string | null => {
    const value = detail[key];
    return typeof value === 'string' ? value : null;
  };
  switch (event) {
    case 'action-refused': {
      if (!ASKS_FOR_CODE.has(detail['action'])) return undefined;
      const control = text('control');
      return {
        event: 'pump-log.code-refused',
        outcome: 'denied',
        subject,
        control: control !== null && isControlId(control) ? control : null,
        cause: text('reason'),
      };
    }
    case 'break-glass-used':
      return { event: 'pump-log.break-glass', outcome: 'allowed', subject, cause: text('reason') };
    case 'service-entered':
      return { event: 'pump-log.service-entered', outcome: 'allowed', subject, cause: text('by') };
    default:
      return undefined;
  }
}
