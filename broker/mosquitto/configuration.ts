import {
  type ControlId,
  DEFAULT_LIMITS,
  type IdentityLimits,
  type Limits,
  limitsByKind,
  PumprangeError,
} from '../../protocol/index.ts';
import { MODERN_CIPHERS } from '../listener/ciphers.ts';

export interface MosquittoOptions {
  /** Loopback address. */
  readonly host: string;
  readonly port: number;
  /** Port of the listener without TLS, for postures without `mutual-tls`. */
  readonly plaintextPort: number;
  /** Folder that the other files are in; absolute. */
  readonly dir: string;
  /** User of the system who starts it: as root it would drop its rights, and then not be able to read its key. */
  readonly user: string;
  readonly controls: ReadonlySet<ControlId>;
  readonly limits?: Limits | undefined;
  /** Log each packet: the only way in which Mosquitto tells what its access rules denied. */
  readonly logsPackets?: boolean | undefined;
}

/** MQTT header and topic, beside the payload. */
const PACKET_OVERHEAD_BYTES = 1_024;
/** mosquitto.conf(5): `max_keepalive` and `max_inflight_messages` fit into 16 bits. */
const MOST_16_BIT = 65_535;

/**
 * The text of a mosquitto.conf for Mosquitto 2, each line from a control or a limit of the posture. A pure function.
 *
 * Mosquitto knows one limit for all where we have one for each kind: it gets the roomiest.
 *
 * @throws PumprangeError `PR_BROKER_POSTURE` where topics are to be authorised and nobody shows a certificate
 */
export function mosquittoConfiguration(options: MosquittoOptions): string {
  const { host, dir, user, port, plaintextPort, controls } = options;
  const mutual = controls.has('mutual-tls');
  const authorized = controls.has('topic-authorization');
  if (authorized && !mutual) {
    throw new PumprangeError(
      'PR_BROKER_POSTURE',
      'topic-authorization without mutual-tls: Mosquitto takes usernames for identities, not client ids',
    );
  }
  const access = authorized ? [`acl_file ${dir}/access.acl`] : [];
  return [
    '# Pumprange. TEST ONLY. TRAINING, NOT FOR HUMAN USE. Generated; changes are lost.',
    `user ${user}`,
    'per_listener_settings true',
    '',
    'log_dest stderr',
    `log_dest file ${dir}/mosquitto.log`,
    'log_type error',
    'log_type warning',
    'log_type notice',
    'log_type information',
    ...(options.logsPackets === true ? ['log_type debug'] : []),
    'log_timestamp_format %Y-%m-%dT%H:%M:%S',
    '# Seconds between two accounts below $SYS.',
    'sys_interval 1',
    '',
    'persistence true',
    `persistence_location ${dir}/data/`,
    '# Seconds. What came since the last time is lost with the process, acknowledged or not.',
    'autosave_interval 30',
    'set_tcp_nodelay true',
    ...limitLines(options),
    '',
    `listener ${port} ${host}`,
    `cafile ${dir}/ca.pem`,
    `certfile ${dir}/cert.pem`,
    `keyfile ${dir}/key.pem`,
    ...(controls.has('certificate-revocation') && mutual ? [`crlfile ${dir}/crls.pem`] : []),
    `require_certificate ${mutual}`,
    ...(mutual ? ['use_identity_as_username true'] : []),
    // The username is the certificate's, and so is the client id then, whatever was claimed.
    ...(mutual && controls.has('identity-binding') ? ['use_username_as_clientid true'] : []),
    `allow_anonymous ${!mutual}`,
    ...(controls.has('modern-tls') ? ['tls_version tlsv1.2', `ciphers ${MODERN_CIPHERS}`] : []),
    ...access,
    ...connectionLines(options),
    ...(mutual
      ? []
      : ['', `listener ${plaintextPort} ${host}`, 'allow_anonymous true', ...connectionLines(options)]),
    '',
  ].join('\n');
}

function limitLines({ controls, limits = DEFAULT_LIMITS }: MosquittoOptions): string[] {
  const kinds = Object.values(limitsByKind(limits));
  const roomiest = (name: 'payloadBytes' | 'inflight' | 'queuedMessages' | 'outgoingBytes'): number =>
    Math.max(...kinds.map((one: IdentityLimits) => one[name]));
  return [
    ...(controls.has('rate-limit')
      ? ['', `max_packet_size ${roomiest('payloadBytes') + PACKET_OVERHEAD_BYTES}`]
      : []),
    ...(controls.has('session-quota')
      ? [
          '',
          `max_inflight_messages ${Math.min(roomiest('inflight'), MOST_16_BIT)}`,
          `max_queued_messages ${roomiest('queuedMessages')}`,
          `max_queued_bytes ${roomiest('outgoingBytes')}`,
          `max_keepalive ${Math.min(limits.longestKeepAliveS, MOST_16_BIT)}`,
        ]
      : []),
  ];
}

function connectionLines({ controls, limits = DEFAULT_LIMITS }: MosquittoOptions): string[] {
  return controls.has('session-quota') ? [`max_connections ${limits.connectionsPerAddress}`] : [];
}
