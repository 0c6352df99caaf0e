/** What an adversary does to stand somewhere else in the network. */
export const NETWORK_VERBS = [] as const;
