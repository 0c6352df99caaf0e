import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** What the Dockerfile and the health checks call, beside Node.js and npm. */
const PROGRAMS = [
  'sh',
  'env',
  'mkdir',
  'chown',
  'ln',
  'rm',
  'cat',
  'ls',
  'sleep',
  'id',
  'ip',
  'tc',
  'nft',
  'tini',
];
/** What native modules and the resolver load, and nothing else names. */
const LIBRARIES = /^lib(?:c|m|dl|rt|pthread|resolv|gcc_s|stdc\+\+|nss_files|nss_dns)\.so/;
const TRUSTED = '/etc/ssl/certs/ca-certificates.crt';

/**
 * Packs a stand-in for the public image that the Dockerfile begins with, for machines that cannot pull it: Node.js, npm, a shell and the
 * router's programs as this machine has them, with its way to its registry. No distribution: no package manager, and no files but these.
 *
 * @returns a tar archive for `docker import`, and what it changes of the image
 */
export function packBaseImage(): { readonly archive: Buffer; readonly changes: readonly string[] } {
  const root = mkdtempSync(join(tmpdir(), 'pumprange-base-'));
  try {
    for (const folder of ['bin', 'sbin', 'lib', 'lib64']) {
      mkdirSync(join(root, 'usr', folder), { recursive: true });
      symlinkSync(join('usr', folder), join(root, folder));
    }
    for (const folder of ['usr/local/bin', 'usr/lib/node_modules', 'root', 'run', 'etc/ssl/certs', 'tmp']) {
      mkdirSync(join(root, folder), { recursive: true });
    }
    // The umask is not asked.
    chmodSync(join(root, 'tmp'), 0o1777);
    const node = process.execPath;
    const programs = PROGRAMS.flatMap((name) => found(name) ?? []);
    const needed = new Set([node, ...programs].flatMap((program) => librariesOf(program)));
    const folderOfLibc = [...needed]
      .map((path) => (basename(path) === 'libc.so.6' ? dirname(path) : ''))
      .join('');
    for (const path of needed) copy(path, root);
    for (const name of execFileSync('ls', [folderOfLibc], { encoding: 'utf8' }).split('\n')) {
      if (LIBRARIES.test(name)) copy(join(folderOfLibc, name), root);
    }
    for (const program of programs) copy(program, root);
    cpSync(node, join(root, 'usr/bin/node'), { dereference: true });
    const npm = join(npmSays('root', '-g'), 'npm');
    cpSync(npm, join(root, 'usr/lib/node_modules/npm'), { recursive: true });
    symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/bin/npm'));
    if (existsSync(TRUSTED)) copy(TRUSTED, root);
    writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/tmp:/bin/sh\n');
    writeFileSync(join(root, 'etc/group'), 'root:x:0:\nnode:x:1000:\n');
    writeFileSync(join(root, 'etc/npmrc'), settingsOfNpm());
    const archive = execFileSync('tar', ['-C', root, '-c', '.'], { maxBuffer: 1024 ** 3 });
    const changes = ['ENV NPM_CONFIG_GLOBALCONFIG=/etc/npmrc', 'CMD ["node"]'];
    if (existsSync(TRUSTED)) changes.push(`ENV NODE_EXTRA_CA_CERTS=${TRUSTED}`);
    return { archive, changes };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function found(name: string): string | undefined {
  try {
    const search = `PATH="$PATH:/usr/sbin:/sbin"; command -v -- "$1"`;
    return execFileSync('/bin/sh', ['-c', search, 'sh', name], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

function librariesOf(program: string): string[] {
  try {
    const said = execFileSync('ldd', [program], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return [...said.matchAll(/(\/\S+) \(0x/g)].flatMap(([, path]) => path ?? []);
  } catch {
    // It is linked statically.
    return [];
  }
}

function copy(path: string, root: string): void {
  const target = join(root, path);
  if (existsSync(target)) return;
  mkdirSync(dirname(target), { recursive: true });
  cpSync(path, target, { dereference: true });
}

function npmSays(...args: string[]): string {
  return execFileSync('npm', args, { encoding: 'utf8' }).trim();
}

/** How this machine gets at packages. */
function settingsOfNpm(): string {
  const files = [npmSays('config', 'get', 'globalconfig'), join(homedir(), '.npmrc')];
  const settings = files.flatMap((file) => (existsSync(file) ? readFileSync(file, 'utf8') : []));
  const registry = process.env['npm_config_registry'] ?? process.env['NPM_CONFIG_REGISTRY'];
  return [...settings, registry === undefined ? '' : `registry=${registry}`, ''].join('\n');
}
