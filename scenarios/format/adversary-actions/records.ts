/** What an adversary does with what it reads and what it makes others believe. */
export const RECORDS_VERBS = [] as const;
