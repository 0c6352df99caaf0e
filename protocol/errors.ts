/**
 * Every error that a user can meet. A code is never reused for something else. `docs/errors.md` is generated from
 * this table, and a test holds the two together.
 *
 * `exit` is the exit code of the command that ends with it: 2 bad input or usage, 3 the machine lacks something or did
 * not carry what was to be tried on it, 1 something that should have held did not.
 */
export const ERRORS = {
  PR_USAGE: {
    exit: 2,
    cause: 'The command line cannot be understood.',
    wayOut: 'Run the command with --help.',
  },
  PR_INTERNAL: {
    exit: 1,
    cause: 'Pumprange itself failed.',
    wayOut: 'Report it with the text of the error and the command line.',
  },
  PR_PORT_IN_USE: {
    exit: 2,
    cause: 'Something listens on the port already.',
    wayOut: 'Stop it, or choose another port with --port (0 asks the system for a free one).',
  },
  PR_PORT_DENIED: {
    exit: 2,
    cause: 'This user may not listen on the port.',
    wayOut: 'Choose a port above 1023 with --port.',
  },
  PR_DIR_IN_USE: {
    exit: 2,
    cause:
      'Another ward, broker or PKI runs on the same folder, or another command is changing the same file.',
    wayOut:
      'Stop it, or name another folder with --dir; a command that was in the way of another goes when repeated.',
  },
  PR_BROKER_MISSING: {
    exit: 3,
    cause: 'The program of the broker that was asked for is not on this machine.',
    wayOut: 'Install Mosquitto 2 (Debian: apt-get install mosquitto), or go without --broker mosquitto.',
  },
  PR_BROKER_FAILED: {
    exit: 1,
    cause: 'The broker that was asked for did not start, or ended by itself.',
    wayOut: 'The message has its last words; its log is mosquitto.log in the folder that the message names.',
  },
  PR_BROKER_POSTURE: {
    exit: 2,
    cause: 'That broker has no setting for a combination of controls in the posture.',
    wayOut: 'Choose another posture; docs/brokers.md lists what each broker can enforce.',
  },
  PR_BROKER_SCENARIO: {
    exit: 2,
    cause: 'That broker cannot take part in the scenario that was asked for.',
    wayOut: 'Run it without --broker; docs/brokers.md says what can be rehearsed on which broker.',
  },
  PR_REDIS_UNREACHABLE: {
    exit: 3,
    cause: 'No Redis answers at the address that the nodes of the broker are to share.',
    wayOut:
      'Start one, e.g. `redis-server --bind 127.0.0.1` (Debian: apt-get install redis-server), or leave out --redis.',
  },
  PR_LAB_TOOL: {
    exit: 3,
    cause: 'A program that the network lab is made with is not on this machine.',
    wayOut: 'Debian: apt-get install iproute2 nftables. Only `network lab` and `network check` need them.',
  },
  PR_LAB_PRIVILEGE: {
    exit: 3,
    cause: 'Making network namespaces needs rights that this process does not have.',
    wayOut:
      'Run it as root; in a container, with the capabilities NET_ADMIN and SYS_ADMIN. Nothing else of Pumprange needs them.',
  },
  PR_LAB_KERNEL: {
    exit: 3,
    cause: 'The kernel of this machine lacks something that the network lab needs.',
    wayOut:
      'Load the module that the message names (as root: modprobe NAME), on the host where this is a container; or do without what needs it.',
  },
  PR_LAB_NO_IPV6: {
    exit: 3,
    cause: 'The plan has zones with IPv6, and this machine has none.',
    wayOut:
      'Say --ipv4-only, or take `ipv6` out of the zones; a kernel started with ipv6.disable=1 has none.',
  },
  PR_LAB_IN_USE: {
    exit: 2,
    cause: 'A network lab of that name is up.',
    wayOut: 'Run the command that the message names, or give this one another name with --name.',
  },
  PR_LAB_LEFT_OVER: {
    exit: 2,
    cause: 'A network lab was not taken down: its process was killed.',
    wayOut: 'Run the command that the message names; it removes what is left of that lab, and nothing else.',
  },
  PR_LAB_NOT_UP: {
    exit: 2,
    cause: 'No network lab of that name is up.',
    wayOut: 'Run the command that the message names.',
  },
  PR_LAB_RULESET: {
    exit: 2,
    cause: 'The ruleset is none that nftables takes; the one before, if there was one, is still in force.',
    wayOut:
      'Mend the line that the message names; `nft -c -f FILE`, as root, tries a file without loading it.',
  },
  PR_LAB_FAILED: {
    exit: 3,
    cause: 'The network lab did not come up, or something in it ended by itself.',
    wayOut: 'The message has its last words. Nothing of the lab was left standing.',
  },
  PR_DISK: {
    exit: 2,
    cause: 'A file or folder could not be written: the disk is full, or the folder is not writable.',
    wayOut:
      'Free some space or name another folder, with the option that names it (--dir, --report). Nothing was left half-written.',
  },
  PR_FILE_UNREADABLE: {
    exit: 2,
    cause: 'A file is not there or may not be read.',
    wayOut: 'Check the path and its permissions.',
  },
  PR_FILE_EXISTS: {
    exit: 2,
    cause: 'A file is there already, with other content, and would be lost.',
    wayOut: 'Name another place with --out, or allow it with --overwrite.',
  },
  PR_PKI_UNREADABLE: {
    exit: 2,
    cause: 'The PKI folder is there, but a file in it is missing, unreadable or damaged.',
    wayOut: 'Restore the folder from a copy, or name another with --dir; a new PKI is made in an empty one.',
  },
  PR_PKI_MISSING: {
    exit: 2,
    cause: 'The command works on a PKI that is there, and the folder has none.',
    wayOut: 'Name the folder of the ward with --dir, or make a PKI with `pumprange pki init`.',
  },
  PR_PKI_AUTHORITY: {
    exit: 2,
    cause:
      'An authority cannot be retired: there is none of that name, it still issues, or holders depend on it.',
    wayOut:
      'Make its successor with `pumprange pki rollover`, give the holders new certificates, then retire it; --force revokes what is left.',
  },
  PR_PKI_NO_CERTIFICATE: {
    exit: 2,
    cause:
      'What was given is neither a certificate nor a certificate request nor a revocation list, in PEM or DER.',
    wayOut:
      'Give the file that the device or the authority wrote; a PKCS #12 file is opened with `openssl pkcs12` first.',
  },
  PR_PKI_EXPIRED: {
    exit: 2,
    cause: 'A certificate authority in the PKI folder has expired.',
    wayOut: 'Name an empty folder with --dir, or remove the old PKI; a new one is made at the next start.',
  },
  PR_PKI_CLOCK_SET_BACK: {
    exit: 2,
    cause: "The PKI was made later than this machine's clock says it is now: the clock was set back.",
    wayOut: 'Set the clock right, or name an empty folder with --dir.',
  },
  PR_PKI_NAME: {
    exit: 2,
    cause: 'A certificate was asked for a kind or an id that is not allowed.',
    wayOut: 'Use a kind that the message lists, and an id of letters, digits, dots, dashes and underscores.',
  },
  PR_PKI_UNKNOWN_CERTIFICATE: {
    exit: 2,
    cause: 'No certificate of that serial number or identity was issued by this PKI.',
    wayOut: 'List what was issued with `pumprange pki list`.',
  },
  PR_LIBRARY_INVALID: {
    exit: 2,
    cause: 'A drug library does not follow its schema or its rules.',
    wayOut:
      'Mend the named lines; `pumprange library check` has a way out for each. Nothing was released and the pumps keep what they have.',
  },
  PR_LIBRARY_LOOSENED: {
    exit: 1,
    cause:
      'A limit is looser in the later drug library, or cannot be compared, and --fail-on-loosened forbids it.',
    wayOut: 'Tighten it again, or have it approved by somebody who knows why.',
  },
  PR_LIBRARY_BEYOND_CEILING: {
    exit: 1,
    cause:
      'A drug library lets a drug run above the ceiling that clinical engineering has set, or without end.',
    wayOut: 'Lower the named limits, or have clinical engineering sign another ceiling.',
  },
  PR_DOCUMENT_INVALID: {
    exit: 2,
    cause:
      'A ceiling above drug libraries or a device configuration does not follow its schema, or its signature does not hold.',
    wayOut:
      'Mend the named member; `pumprange library ceiling check` and `pumprange configuration check` say whether it is right.',
  },
  PR_SCENARIO_INVALID: {
    exit: 2,
    cause: 'A scenario file does not follow its schema.',
    wayOut: 'Mend the named line; the schema is scenarios/schemas/scenario.schema.json.',
  },
  PR_SCENARIO_UNKNOWN: {
    exit: 2,
    cause: 'There is no scenario, family or file of that name.',
    wayOut: 'See `pumprange list scenarios`.',
  },
  PR_POSTURE_INVALID: {
    exit: 2,
    cause: 'A posture file does not follow its schema.',
    wayOut: 'Mend the named line; the schema is scenarios/schemas/posture.schema.json.',
  },
  PR_POSTURE_UNKNOWN: {
    exit: 2,
    cause: 'There is no posture of that name.',
    wayOut: 'See `pumprange list postures`.',
  },
  PR_DETECTION_INVALID: {
    exit: 2,
    cause: 'A detection rule does not follow its schema.',
    wayOut: 'Mend the named line; the schema is supervision/schemas/detection-rule.schema.json.',
  },
  PR_PLAYBOOK_INVALID: {
    exit: 2,
    cause: 'A playbook does not follow its schema.',
    wayOut: 'Mend the named line; the schema is scenarios/schemas/playbook.schema.json.',
  },
  PR_BASELINE_INVALID: {
    exit: 2,
    cause: 'The record of an earlier matrix cannot be read.',
    wayOut: 'Write it anew with `pumprange matrix --record <file>`.',
  },
  PR_PRICES_INVALID: {
    exit: 2,
    cause: 'The price list does not follow its schema.',
    wayOut: 'Mend the named lines; scenarios/prices.example.yaml shows a whole one.',
  },
  PR_RESIDUAL_INVALID: {
    exit: 2,
    cause: 'The file of residuals does not follow its schema.',
    wayOut: 'Mend the named line; each entry has attack, domains, reason, bound and mends.',
  },
  PR_MODEL_INVALID: {
    exit: 2,
    cause: 'A pump model or a firmware personality does not follow its schema.',
    wayOut: 'Mend the named entry.',
  },
  PR_EVIDENCE_INVALID: {
    exit: 2,
    cause: 'A file of checkpoints holds something else.',
    wayOut: 'Name the evidence-checkpoints.jsonl that the ward wrote, or none.',
  },
  PR_STORE_UNREADABLE: {
    exit: 2,
    cause:
      "The broker's store of retained messages and kept sessions is there, but damaged or of another version.",
    wayOut: 'Restore the folder from a copy, or remove it: what waits in it for its readers is lost with it.',
  },
  PR_EVENT_STORE_INVALID: {
    exit: 2,
    cause:
      "The pump server's database is damaged, somebody else's, of a newer Pumprange, or holds what cannot be.",
    wayOut:
      'Nothing was changed in it. Restore the file from a copy, move it away, or name another folder with --dir.',
  },
  PR_RELEASE_INVALID: {
    exit: 2,
    cause: 'A release cannot be made as it was asked for.',
    wayOut: 'Mend the named value; nothing was released and the pumps keep what they have.',
  },
  PR_ROLLOUT_INVALID: {
    exit: 2,
    cause: 'A rollout cannot begin, or cannot do what was ordered, as it stands.',
    wayOut: 'The message says what is in the way; `pumprange rollout status` shows how each one stands.',
  },
  PR_RELEASE_NOT_APPROVED: {
    exit: 2,
    cause:
      'A drug library, a ceiling or a device configuration was to be released that those whose approval it takes have not all signed.',
    wayOut:
      'Have a library approved by two pharmacists with `pumprange library approve`, a ceiling by a clinical engineer, a configuration by two people of biomedical engineering or security; nothing was released and the pumps keep what they have.',
  },
  PR_RELEASE_OUTDATED: {
    exit: 2,
    cause:
      'A release does not go on from what is current: another came before it, or its approval has ended.',
    wayOut: 'Approve it anew, with the next sequence number; nothing was released.',
  },
  PR_APPROVER_REFUSED: {
    exit: 2,
    cause:
      'Only pharmacists whose certificate holds approve drug libraries, only clinical engineers the ceiling above them, only biomedical engineering and security device configurations; biomedical engineers transfer them all.',
    wayOut: 'Have it approved by whoever the message asks for.',
  },
  PR_APPROVED_ALREADY: {
    exit: 2,
    cause: 'The same person has approved this already, and one person is one approval.',
    wayOut: 'Have somebody else of the same profession approve it.',
  },
  PR_APPROVAL_STALE: {
    exit: 2,
    cause:
      'The approval that lies beside a drug library, a ceiling or a device configuration is none, has ended, or is for another content.',
    wayOut: 'Restore the file as it was approved, or remove the approval and have it approved anew.',
  },
  PR_FIRMWARE_INVALID: {
    exit: 2,
    cause: 'A firmware manifest or package is not what it should be, or somebody may not sign it.',
    wayOut: 'Mend what the message names, or build the package again; the files were left as they are.',
  },
  PR_EXPOSURE_INVALID: {
    exit: 2,
    cause: 'An advisory file or an inventory does not follow its schema.',
    wayOut: 'Mend the place that the message names; docs/firmware.md says what may stand there.',
  },
  PR_WIRE_NOT_QUIET: {
    exit: 1,
    cause: 'A rehearsal in simulated time waited for something that does not end.',
    wayOut: 'The message names what was waited for. On a machine that is very busy, run it again.',
  },
  PR_STEP_FAILED: {
    exit: 1,
    cause: 'A step of a scenario could not be carried out.',
    wayOut: 'The message names the step and the reason; everything was taken down.',
  },
  PR_WARD_NOT_RUNNING: {
    exit: 2,
    cause: 'No ward runs on the folder, or it has stopped.',
    wayOut: 'Start one with `pumprange up` in another terminal, and name its folder with --dir.',
  },
  PR_PUMP_UNKNOWN: {
    exit: 2,
    cause: 'The running ward has no pump of that serial number.',
    wayOut: 'Use a serial number that the message or the table of the ward shows.',
  },
  PR_BEDSIDE_TAKEN: {
    exit: 2,
    cause: 'Somebody is at the keypad of the pump already; it has only one.',
    wayOut: 'Use another pump, or end the other bedside with `quit`.',
  },
  PR_DIR_TOO_LONG: {
    exit: 2,
    cause: 'The name of the folder is too long for a control socket in it.',
    wayOut: 'Name a folder with a shorter path with --dir, or run the command from within it.',
  },
  PR_MODEL_UNKNOWN: {
    exit: 2,
    cause: 'There is no pump model of that name.',
    wayOut: 'See `pumprange list models`.',
  },
  PR_RATE_OUTSIDE_MODEL: {
    exit: 2,
    cause: 'The pump model does not deliver at that rate.',
    wayOut: 'Choose a rate within the range that the message names.',
  },
  PR_CHANNEL_UNKNOWN: {
    exit: 2,
    cause: 'The model or the scenario has no pump or channel of that name.',
    wayOut: 'Use one that the message names.',
  },
  PR_ZONES_INVALID: {
    exit: 2,
    cause: 'A plan of network zones does not follow its schema, contradicts itself, or has no address left.',
    wayOut: 'Mend the named line; the schema is network/schemas/zones.schema.json.',
  },
  PR_PROBER_FAILED: {
    exit: 3,
    cause: 'The process that probes from a zone of the lab ended, gave no answer, or could not send at all.',
    wayOut:
      'The message has its last words. `pumprange network lab down --name NAME` takes a lab apart that is not whole; then try again.',
  },
  PR_RULESET_INVALID: {
    exit: 2,
    cause: "A firewall's ruleset cannot be read, translated or loaded.",
    wayOut:
      'Mend the named line. A ruleset is text of nft, what `iptables-save` prints, or CSV with the columns from, to, protocol, ports, action, name.',
  },
  PR_GUARDRAIL: {
    exit: 2,
    cause:
      'Something outside loopback, the network namespaces and the compose networks of this project was named.',
    wayOut:
      'Use a loopback address, or a private one in a network namespace of the lab or a container of docker-compose.yml. Pumprange contacts nothing else.',
  },
} as const satisfies Record<string, { exit: 1 | 2 | 3; cause: string; wayOut: string }>;

export type ErrorCode = keyof typeof ERRORS;

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERRORS, text);
}

/** A failure with a code, its cause in this case, and the way out. */
export class PumprangeError extends Error {
  readonly code: ErrorCode;

  /** @param detail what happened in this case: names, places, values. One sentence, no secrets. */
  constructor(code: ErrorCode, detail: string, options?: { readonly cause?: unknown }) {
    super(detail, options);
    this.name = 'PumprangeError';
    this.code = code;
  }

  get exitCode(): 1 | 2 | 3 {
    return ERRORS[this.code].exit;
  }

  get wayOut(): string {
    return ERRORS[this.code].wayOut;
  }
}
