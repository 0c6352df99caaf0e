import type { DrugLibrary } from '../../../protocol/drug-library/index.ts';
import type { Remark } from '../findings.ts';
import { quoted } from '../quoted.ts';

/**
 * Drugs that do grave harm when given in error, by the classes of ISMP's list of high-alert medications in acute care
 * settings; the names are examples of each class that are given by pump, and the list is not complete.
 */
const HIGH_ALERT: ReadonlySet<string> = new Set([
  // Adrenergic agonists and antagonists, inotropes, vasopressin.
  ...['epinephrine', 'norepinephrine', 'phenylephrine', 'esmolol', 'labetalol', 'metoprolol', 'propranolol'],
  ...['dobutamine', 'dopamine', 'milrinone', 'digoxin', 'vasopressin', 'nitroprusside', 'epoprostenol'],
  // Antiarrhythmics.
  ...['amiodarone', 'lidocaine'],
  // Antithrombotics.
  ...['alteplase', 'argatroban', 'bivalirudin', 'eptifibatide', 'heparin', 'tenecteplase', 'tirofiban'],
  // Anaesthesia, sedation and neuromuscular block.
  ...['dexmedetomidine', 'ketamine', 'lorazepam', 'midazolam', 'propofol'],
  ...['cisatracurium', 'rocuronium', 'succinylcholine', 'vecuronium'],
  // Opioids.
  ...['fentanyl', 'hydromorphone', 'morphine', 'remifentanil', 'sufentanil'],
  // Insulin, oxytocin, magnesium, potassium.
  ...['insulin', 'oxytocin', 'magnesium', 'potassium'],
]);

/** High-alert drugs without a hard maximum of dose or rate, or that hard limit of duration which does the same. */
export function highAlertWithoutHardMaximum({ entries }: DrugLibrary): readonly Remark[] {
  return entries.flatMap(
    ({ drug, limits, rateLimitsMlPerH, durationLimitsMinutes }, index): readonly Remark[] => {
      const words = drug.toLowerCase().match(/\p{L}+/gu) ?? [];
      const bounds = [limits?.hardMax, rateLimitsMlPerH?.hardMax, durationLimitsMinutes?.hardMin];
      if (!words.some((word) => HIGH_ALERT.has(word)) || bounds.some((bound) => bound !== undefined))
        return [];
      const message = `${quoted(drug)} is a high-alert drug and has no hard maximum`;
      return [{ rule: 'no-hard-maximum', path: ['entries', index, 'limits'], message }];
    },
  );
}
