import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the environment says. The only file that reads it. */
export const environment = {
  /** https://no-color.org: set and not empty, no colour. */
  noColor: (process.env['NO_COLOR'] ?? '') !== '',
  /** Where browsers and curl, too, write the secrets of their TLS sessions; a broker writes those of its own. */
  sslKeyLogFile: process.env['SSLKEYLOGFILE'] || undefined,
  /** Set by docker-compose.yml alone: the router of the network that this container is in. */
  composeRouter: process.env['PUMPRANGE_COMPOSE_ROUTER'] || undefined,
  /** Where programs of the system are looked for. */
  path: (process.env['PATH'] ?? '').split(':').filter((folder) => folder !== ''),
  isTerminal: process.stdout.isTTY === true,
} as const;

/** The folder of the checkout, where the data lies: models, libraries, scenarios, rules. */
export const HOUSE = findHouse(dirname(fileURLToPath(import.meta.url)));

/** The folder of run data unless the command names one. */
export const DEFAULT_DIR = '.pumprange';

/** This file runs from `testbed/` and, compiled, from `dist/testbed/`. */
function findHouse(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'scenarios', 'catalog')) && existsSync(join(folder, 'package.json')))
      return folder;
    if (folder === dirname(folder)) throw new Error('the data of Pumprange is not there');
  }
}
