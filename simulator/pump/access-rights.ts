import type { BedsideAction, BedsideRole } from './bedside.ts';

const EVERYBODY_WHO_WORKS_HERE = ['nurse', 'pharmacist', 'biomed'] as const;

/** Which role may press which key. Only the patient presses the PCA button; pharmacists approve libraries and biomedical engineers mend; nurses treat. */
const RIGHTS: Readonly<Record<BedsideAction['action'], readonly BedsideRole[]>> = {
  'power-on': ['nurse', 'biomed'],
  'power-off': ['nurse', 'biomed'],
  programme: ['nurse'],
  confirm: ['nurse'],
  start: ['nurse'],
  pause: ['nurse', 'biomed'],
  resume: ['nurse'],
  stop: ['nurse', 'biomed'],
  'change-rate': ['nurse'],
  bolus: ['nurse'],
  'pca-demand': ['patient'],
  silence: EVERYBODY_WHO_WORKS_HERE,
  clear: ['nurse', 'biomed'],
};

export function mayPress(role: BedsideRole, action: BedsideAction['action']): boolean {
  return RIGHTS[action].includes(role);
}
