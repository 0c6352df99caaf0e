import type { ControlId } from '../../protocol/index.ts';
import type { BedsideAction, BedsideRole } from './bedside.ts';
import type { PumpContext } from './context.ts';
import { textOf } from './events.ts';

/** What a display has room for. */
const LONGEST_WORD = 32;

const EVERYBODY_WHO_WORKS_HERE = ['nurse', 'pharmacist', 'biomed'] as const;

/** Which role may press which key. Only the patient presses the PCA button; pharmacists approve libraries and biomedical engineers mend; nurses treat. */
const RIGHTS: Readonly<Record<BedsideAction['action'], readonly BedsideRole[]>> = {
  'power-on': ['nurse', 'biomed'],
  'power-off': ['nurse', 'biomed'],
  programme: ['nurse'],
  recall: ['nurse'],
  confirm: ['nurse'],
  start: ['nurse'],
  pause: ['nurse', 'biomed'],
  resume: ['nurse'],
  stop: ['nurse', 'biomed'],
  'change-rate': ['nurse'],
  'change-dose': ['nurse'],
  'programme-secondary': ['nurse'],
  'start-secondary': ['nurse'],
  'stop-secondary': ['nurse'],
  bolus: ['nurse'],
  'pca-demand': ['patient'],
  silence: EVERYBODY_WHO_WORKS_HERE,
  clear: ['nurse', 'biomed'],
  configure: ['nurse', 'biomed'],
  lock: ['nurse', 'biomed'],
  unlock: EVERYBODY_WHO_WORKS_HERE,
  'break-glass': ['nurse', 'biomed'],
  'enter-service': ['biomed'],
  'leave-service': ['biomed'],
};

function isKey(name: string | null): name is BedsideAction['action'] {
  return name !== null && Object.hasOwn(RIGHTS, name);
}

/** What works with a locked keypad: nobody has to know a code to stop a delivery, to quiet an alarm or to press for pain. */
const WORKS_LOCKED: ReadonlySet<BedsideAction['action']> = new Set([
  'pause',
  'silence',
  'pca-demand',
  'power-on',
  'lock',
  'unlock',
  'break-glass',
  'enter-service',
]);

/** What works in service mode: no therapy. */
const WORKS_IN_SERVICE: ReadonlySet<BedsideAction['action']> = new Set([
  'configure',
  'silence',
  'clear',
  'power-off',
  'leave-service',
]);

/** Why a key does nothing, whatever the therapy is doing; `null` if it may be pressed. */
export function whyDenied(
  context: PumpContext,
  role: BedsideRole,
  press: BedsideAction,
): { readonly reason: string; readonly control: ControlId | null } | null {
  const action = textOf(press, 'action');
  if (action === null) return { reason: 'there is no such key', control: null };
  if (!isKey(action) || !RIGHTS[action].includes(role))
    return { reason: `a ${role} may not ${action.slice(0, LONGEST_WORD)}`, control: null };
  // The watchdog has a circuit of its own: once it has stopped the pump, the key that switches it off works again.
  const watched = action === 'power-off' && context.alarms.some(({ alarm }) => alarm === 'watchdog');
  if (context.device.hungSinceMs !== null && context.power.mode !== 'off' && !watched) {
    return { reason: 'the pump does not respond', control: null };
  }
  switch (context.access.mode) {
    case 'unlocked':
      return null;
    case 'locked':
      return WORKS_LOCKED.has(action) ? null : { reason: 'the keypad is locked', control: null };
    case 'lockedOut': {
      const asksForCode = action === 'unlock' || action === 'enter-service';
      if (WORKS_LOCKED.has(action) && !asksForCode) return null;
      return { reason: 'the keypad is locked after wrong codes', control: 'keypad-lockout' };
    }
    case 'service':
      return WORKS_IN_SERVICE.has(action) ? null : { reason: 'the pump is in service mode', control: null };
  }
}
