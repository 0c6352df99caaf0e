/** What an adversary does below MQTT, or in the middle of a connection. */
export const WIRE_VERBS = [] as const;
