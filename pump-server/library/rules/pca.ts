import type { DrugLibrary } from '../../../protocol/drug-library/index.ts';
import type { Remark } from '../findings.ts';
import { quoted } from '../quoted.ts';

/** A patient's button that nothing hard holds back: no least lockout, or no most in a window. */
export function unboundedButtons({ entries }: DrugLibrary): readonly Remark[] {
  return entries.flatMap(({ drug, pca }, index): readonly Remark[] => {
    if (pca === undefined) return [];
    const path = ['entries', index, 'pca'] as const;
    const wrong: Remark[] = [];
    if (!((pca.lockoutMinutes?.hardMin ?? 0) > 0)) {
      const message = `${quoted(drug)}: the lockout of PCA has no hard minimum`;
      wrong.push({ rule: 'pca-lockout', path: [...path, 'lockoutMinutes'], message });
    }
    if (pca.accumulated?.hardMax === undefined) {
      const message = `${quoted(drug)}: the accumulated dose of PCA has no hard maximum`;
      wrong.push({ rule: 'pca-lockout', path: [...path, 'accumulated'], message });
    }
    return wrong;
  });
}
