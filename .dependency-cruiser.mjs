/**
 * Who may import whom: the table of docs/architecture.md, for dependency-cruiser. `tools/check-imports.ts` runs it and
 * proves that it saw the files. Patterns are regular expressions over paths from the root of the house.
 */

/** The folders of the product, and what of ours each may import besides itself. */
const MAY_IMPORT = {
  clock: [],
  protocol: [],
  simulator: ['clock', 'protocol'],
  broker: ['clock', 'protocol'],
  pki: ['clock', 'protocol'],
  'pump-server': ['clock', 'protocol'],
  network: ['clock', 'protocol'],
  supervision: ['clock', 'protocol'],
  scenarios: ['clock', 'protocol'],
  testbed: [
    'clock',
    'protocol',
    'simulator',
    'broker',
    'pki',
    'pump-server',
    'network',
    'supervision',
    'scenarios',
  ],
  cli: ['testbed', 'scenarios', 'protocol', 'clock'],
};

/** Where alone a package may be imported. Tests and tools are free. */
const CONFINED = {
  xstate: '^simulator/pump/',
  aedes: '^broker/aedes-adapter\\.ts$',
  'classic-level': '^broker/store/disk\\.ts$',
  libsql: '^pump-server/store/database\\.ts$',
  'prom-client': '^broker/operations/metrics\\.ts$',
  pino: '^testbed/log-file\\.ts$',
  'aedes-persistence-redis': '^broker/shared-state\\.ts$',
  'mqemitter-redis': '^broker/shared-state\\.ts$',
  ioredis: '^broker/(?:shared-state|aedes-persistence-redis\\.d)\\.ts$',
  mqtt: '^(?:simulator/transport|scenarios/adversary)/',
  'mqtt-packet': '^(?:simulator/transport|scenarios/adversary|network/probe)/',
  'node-forge': '^pki/',
  fflate: '^protocol/firmware/archive\\.ts$',
  '@cyclonedx/cyclonedx-library': '^pump-server/firmware/bill-of-materials\\.ts$',
  jose: '^protocol/signing/',
  canonicalize: '^protocol/signing/',
  'pure-rand': '^clock/',
  papaparse: '^(?:pump-server/library/csv|network/ruleset)/',
  'jsonc-parser': '^pump-server/library/json-source\\.ts$',
  unhomoglyph: '^pump-server/library/rules/names\\.ts$',
  echarts: '^scenarios/report/page/svg-chart\\.ts$',
  commander: '^cli/',
  'cli-table3': '^cli/',
  'log-update': '^cli/',
};

const HOUSE = Object.keys(MAY_IMPORT);
const EVERYWHERE = `^(?:${[...HOUSE, 'tools', 'test'].join('|')})/`;
const PRODUCT = `^(?:${HOUSE.join('|')})/`;
/** A package in `node_modules`, or its bare name where it is not installed. */
const packageNamed = (name) => `(?:^|/node_modules/|^node_modules/)${name}(?:/|$)`;

export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two files that import each other, at whatever distance, are one concept in two places.',
      severity: 'error',
      from: { path: EVERYWHERE },
      to: { circular: true },
    },
    {
      name: 'nothing-unresolved',
      comment: 'An import that leads nowhere hides what it would have led to.',
      severity: 'error',
      from: { path: EVERYWHERE },
      to: { couldNotResolve: true },
    },
    {
      name: 'product-imports-no-tests-or-tools',
      severity: 'error',
      from: { path: PRODUCT },
      to: { path: '^(?:test|tools|bin)/' },
    },
    {
      name: 'product-runs-on-dependencies',
      comment: 'What `npm ci --omit=dev` leaves out must not be needed.',
      severity: 'error',
      from: { path: PRODUCT },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'through-the-index',
      comment: 'What stands in the index.ts of a folder is for others; the rest is its own.',
      severity: 'error',
      from: { path: '^([^/]+)/', pathNot: '^(?:test|tools)/' },
      to: { path: PRODUCT, pathNot: ['^$1/', '/index\\.ts$'] },
    },
    ...HOUSE.map((folder) => ({
      name: `${folder}-imports`,
      comment: `${folder} may import ${MAY_IMPORT[folder].join(', ') || 'nothing of ours'}.`,
      severity: 'error',
      from: { path: `^${folder}/` },
      to: { path: `^(?:${HOUSE.join('|')})/`, pathNot: `^(?:${[folder, ...MAY_IMPORT[folder]].join('|')})/` },
    })),
    ...Object.entries(CONFINED).map(([name, where]) => ({
      name: `${name}-confined`,
      severity: 'error',
      from: { path: PRODUCT, pathNot: where },
      to: { path: packageNamed(name) },
    })),
  ],
  options: {
    // TypeScript 7 has no API that dependency-cruiser knows; with it alone 0 modules are read. @swc/core reads them, type-only
    // imports included.
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(?:dist|coverage)/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
