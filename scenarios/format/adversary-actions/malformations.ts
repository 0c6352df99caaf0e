/** What MQTT 3.1.1 does not allow a client to send, by name and clause. The bytes are in `adversary/wire/malformed.ts`. */
export const MALFORMATIONS = {
  'not-mqtt': 'another protocol altogether, before CONNECT [MQTT-3.1.0-1]',
  'publish-before-connect': 'PUBLISH as the first packet [MQTT-3.1.0-1]',
  'second-connect': 'CONNECT once more in a session [MQTT-3.1.0-2]',
  'other-protocol-name': 'CONNECT of another protocol [MQTT-3.1.2-1]',
  'connect-reserved-flag': 'the reserved flag of CONNECT [MQTT-3.1.2-3]',
  'will-qos-3': 'a will of QoS 3 [MQTT-3.1.2-14]',
  'connect-cut-short': 'a CONNECT whose fields reach beyond its end [MQTT 1.5.3]',
  'bytes-behind-connect': 'bytes behind the last field of CONNECT [MQTT 3.1.3]',
  'oversized-connect': 'a CONNECT of 128 KiB [MQTT 2.2.3]',
  'length-of-five-bytes': 'a remaining length of five bytes [MQTT 2.2.3]',
  'reserved-type': 'a packet of the reserved type 15 [MQTT 2.2.1]',
  'reserved-header-flags': 'SUBSCRIBE with other flags than it has to have [MQTT-3.8.1-1]',
  'servers-packet': 'a SUBACK from a client [MQTT 2.2.1]',
  'publish-qos-3': 'PUBLISH with QoS 3 [MQTT-3.3.1-4]',
  'topic-with-wildcard': 'PUBLISH to a topic with a wildcard [MQTT-3.3.2-2]',
  'topic-not-utf8': 'PUBLISH to a topic that is not UTF-8 [MQTT-1.5.3-1]',
  'topic-with-null': 'PUBLISH to a topic with the character U+0000 [MQTT-1.5.3-2]',
  'packet-id-zero': 'PUBLISH with QoS 1 and the identifier 0 [MQTT-2.3.1-1]',
  'no-filter': 'SUBSCRIBE without a filter [MQTT-3.8.3-3]',
} as const satisfies Record<string, string>;

export type Malformation = keyof typeof MALFORMATIONS;
export const MALFORMATION_IDS = Object.keys(MALFORMATIONS) as [Malformation, ...Malformation[]];
