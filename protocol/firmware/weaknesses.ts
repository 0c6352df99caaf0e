import type { ControlId } from '../controls.ts';

/** A root cause that a firmware version has, and the controls that are of no use while it runs. */
interface Weakness {
  readonly title: string;
  readonly disables: readonly ControlId[];
}

/**
 * Each illustrates the weakness class of published advisories (`docs/` names them); none is a vendor's code or format.
 */
export const WEAKNESSES = {
  'accepts-remote-rate-change': {
    title: 'Obeys a remote change of a rate, a bolus or an alarm limit without anyone at the bedside',
    disables: ['bedside-confirmation'],
  },
  'accepts-unsigned-library': {
    title: 'Takes any well-formed drug library',
    disables: ['signed-library', 'dual-approval'],
  },
  'accepts-stale-library': {
    title: 'Takes an expired or superseded drug library',
    disables: ['release-expiry'],
  },
  'knows-no-ceiling': {
    title: 'Asks nothing above the drug library how high a limit may be',
    disables: ['library-ceiling'],
  },
  'accepts-unsigned-configuration': {
    title: 'Takes any well-formed device configuration',
    disables: ['signed-configuration'],
  },
  'accepts-unsigned-firmware': {
    title: 'Installs any well-formed package',
    disables: ['signed-firmware', 'hospital-countersignature'],
  },
  'skips-countersignature': {
    title: "Installs what the vendor signed without the hospital's acceptance",
    disables: ['hospital-countersignature'],
  },
  'accepts-downgrade': { title: 'Installs an older, weaker version', disables: ['anti-rollback'] },
  'does-not-verify-command-signature': {
    title: 'Obeys commands that nobody signed',
    disables: ['signed-commands', 'command-freshness'],
  },
  'does-not-sign': { title: 'Signs nothing of what it says', disables: ['signed-uplink'] },
  'does-not-verify-server': { title: 'Does not check who the server is', disables: ['server-identity'] },
  'open-console': { title: 'Lets whoever connects into its maintenance console', disables: [] },
  'default-credential': {
    title: 'Has the same service code as every other pump of its kind',
    disables: [],
  },
  'console-sets-idle-pump': {
    title: 'Takes other settings from its console in standby, and gives the next dose by them',
    disables: [],
  },
  'console-sets-running-limits': {
    title: 'Takes other alarm limits from its console while a therapy is under way',
    disables: [],
  },
  'unrestricted-upload': { title: 'Takes files over the network without a login or a check', disables: [] },
  // It disables nothing for good: what was never switched on is not there.
  'service-outlives-configuration': {
    title: 'Keeps a service up that was switched off, until the next restart',
    disables: [],
  },
  'crashes-on-oversize-input': {
    title: 'Loses its communication subsystem to input that is too long',
    disables: [],
  },
  'stores-in-clear': {
    title: 'Stores what it knows so that it can be read and altered from outside',
    disables: ['storage-protection'],
  },
  'exportable-key': { title: 'Gives its private key away', disables: ['key-protection'] },
} as const satisfies Record<string, Weakness>;

export type WeaknessId = keyof typeof WEAKNESSES;
export const WEAKNESS_IDS = Object.keys(WEAKNESSES) as [WeaknessId, ...WeaknessId[]];

/**
 * Whether a control really protects a pump: the posture has it and the running firmware can do it. What protects a
 * pump is posture ∧ firmware.
 */
export function isEffective(
  control: ControlId,
  controls: ReadonlySet<ControlId>,
  weaknesses: readonly WeaknessId[],
): boolean {
  if (!controls.has(control)) return false;
  return !weaknesses.some((id) => (WEAKNESSES[id].disables as readonly ControlId[]).includes(control));
}
