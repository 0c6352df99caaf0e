/** Why a packet ends its connection [MQTT-4.8.0-1]. */
export interface Violation {
  /** In words, with the clause. */
  readonly fault: string;
  /** What CONNACK says before the connection closes; without one it just closes. */
  readonly returnCode?: 1 | 2;
}
