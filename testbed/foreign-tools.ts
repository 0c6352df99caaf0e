/** A program of the system that Pumprange can use, but does not need for its own work. */
export interface ForeignTool {
  readonly command: string;
  /** Package that has it, as Debian names it. */
  readonly debianPackage: string;
  readonly neededFor: string;
}

/** Every program that a command, a how-to or a test asks for. */
export const FOREIGN_TOOLS: readonly ForeignTool[] = [
  {
    command: 'mosquitto',
    debianPackage: 'mosquitto',
    neededFor: '--broker mosquitto, and the end-to-end tests on it',
  },
  {
    command: 'mosquitto_sub',
    debianPackage: 'mosquitto-clients',
    neededFor: 'watching a ward from outside; tests',
  },
  {
    command: 'mosquitto_pub',
    debianPackage: 'mosquitto-clients',
    neededFor: 'publishing from outside; tests',
  },
  {
    command: 'redis-server',
    debianPackage: 'redis-server',
    neededFor: 'several nodes as one broker (serve broker --redis); tests',
  },
  {
    command: 'openssl',
    debianPackage: 'openssl',
    neededFor: 'requests for EST by hand; judges certificates, CRLs and OCSP in tests',
  },
  {
    command: 'sqlite3',
    debianPackage: 'sqlite3',
    neededFor: 'looking into the database of the pump server; tests',
  },
  { command: 'curl', debianPackage: 'curl', neededFor: 'EST by hand, metrics; tests' },
  {
    command: 'certtool',
    debianPackage: 'gnutls-bin',
    neededFor: 'a second judge of certificates in tests',
  },
  { command: 'ocsptool', debianPackage: 'gnutls-bin', neededFor: 'a second judge of OCSP in tests' },
  {
    command: 'tshark',
    debianPackage: 'tshark',
    neededFor: 'reading a capture with SSLKEYLOGFILE (docs/capture.md); tests',
  },
  { command: 'tcpdump', debianPackage: 'tcpdump', neededFor: 'making a capture (docs/capture.md); tests' },
  { command: 'promtool', debianPackage: 'prometheus', neededFor: 'judges metrics in tests' },
  { command: 'tmux', debianPackage: 'tmux', neededFor: 'terminals in tests' },
  {
    command: 'chromium',
    debianPackage: 'chromium',
    neededFor: 'opens a report in tests; any browser shows it',
  },
  {
    command: 'ip',
    debianPackage: 'iproute2',
    neededFor: 'the network lab (network lab, network check)',
  },
  {
    command: 'nft',
    debianPackage: 'nftables',
    neededFor: 'the network lab (network lab, network check)',
  },
  {
    command: 'iptables-restore-translate',
    debianPackage: 'iptables',
    neededFor: 'a ruleset of iptables-save instead of the compiled one; tests',
  },
  { command: 'pgrep', debianPackage: 'procps', neededFor: 'finding a broker to kill in tests' },
  {
    command: 'unshare',
    debianPackage: 'util-linux',
    neededFor: 'the test that brings docker-compose.yml up',
  },
  { command: 'docker', debianPackage: 'docker.io', neededFor: 'the image and docker-compose.yml' },
  { command: 'dockerd', debianPackage: 'docker.io', neededFor: 'the test that brings docker-compose.yml up' },
  {
    command: 'docker-compose',
    debianPackage: 'docker-compose',
    neededFor: 'the test that brings docker-compose.yml up',
  },
];
