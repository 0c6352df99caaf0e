import type { DrugLibrary } from '../../../protocol/drug-library/index.ts';
import type { Remark } from '../findings.ts';
import { careAreasDiffer, type RemarkOn, tooManyProfiles } from './across.ts';
import { aboveCareArea, careAreaName, nurseryCaps } from './care-area.ts';
import { highAlertWithoutHardMaximum } from './high-alert.ts';
import { lookAlikes } from './look-alikes.ts';
import { formulaNames, mixedLetters, sameNames } from './names.ts';
import { unboundedButtons } from './pca.ts';
import { outOfReach } from './reach.ts';
import { tooManySetUps } from './set-ups.ts';
import { strengthSlips } from './strengths.ts';

/** What is asked of a library that follows its schema. */
export const ONE_LIBRARY: readonly ((library: DrugLibrary) => readonly Remark[])[] = [
  careAreaName,
  nurseryCaps,
  tooManySetUps,
  sameNames,
  mixedLetters,
  formulaNames,
  lookAlikes,
  strengthSlips,
  highAlertWithoutHardMaximum,
  unboundedButtons,
  aboveCareArea,
  outOfReach,
];

/** What is asked of several that go out together. */
export const SEVERAL_LIBRARIES: readonly ((libraries: readonly DrugLibrary[]) => readonly RemarkOn[])[] = [
  careAreasDiffer,
  tooManyProfiles,
];
