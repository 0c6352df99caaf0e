import { z } from 'zod';

/** `major.minor.patch`; what it means for order is said by `compareVersions`, never by comparing texts. */
export const versionSchema = z.string().regex(/^\d{1,9}\.\d{1,9}\.\d{1,9}$/, 'not major.minor.patch');

/** Compares `major.minor.patch` texts by their numbers: below 0, 0 or above 0, as a sort wants it. */
export function compareVersions(a: string, b: string): number {
  const left = a.split('.').map(Number);
  const right = b.split('.').map(Number);
  for (let index = 0; index < 3; index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
