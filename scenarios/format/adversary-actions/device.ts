/** What an adversary does to a pump as a device. */
export const DEVICE_VERBS = [] as const;
