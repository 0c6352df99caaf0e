/**
 * Drugs given by pump that are known to be taken for each other though their names differ by more than two letters. From the
 * FDA and ISMP lists of look-alike drug names with recommended tall man letters.
 */
export const CONFUSED_PAIRS: readonly (readonly [string, string])[] = [
  ['carboplatin', 'cisplatin'],
  ['cefazolin', 'ceftriaxone'],
  ['dactinomycin', 'daptomycin'],
  ['daunorubicin', 'doxorubicin'],
  ['dobutamine', 'dopamine'],
  ['ephedrine', 'epinephrine'],
  ['epinephrine', 'norepinephrine'],
  ['fentanyl', 'sufentanil'],
  ['hydralazine', 'hydroxyzine'],
  ['hydromorphone', 'morphine'],
  ['nicardipine', 'nifedipine'],
  ['nimodipine', 'nifedipine'],
  ['vinblastine', 'vincristine'],
];
