/**
 * A CONNECT of MQTT 3.1, base64: every broker answers it with CONNACK, ours with return code 1, and no session comes of it [MQTT-3.1.2-2].
 */
export const HELLO_MQTT = Buffer.concat([
  Buffer.of(0x10, 0x13, 0x00, 0x06),
  Buffer.from('MQIsdp'),
  Buffer.of(0x03, 0x02, 0x00, 0x3c, 0x00, 0x05),
  Buffer.from('probe'),
]).toString('base64');

/** Any HTTP server answers this. */
export const HELLO_HTTP = Buffer.from('HEAD / HTTP/1.0\r\n\r\n').toString('base64');
