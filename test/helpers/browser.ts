import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export interface Seen {
  /** The document when it had come to rest. */
  readonly dom: string;
  /** What the page's console and its policy said. */
  readonly console: string;
}

/**
 * Lets a real browser open a file, with a profile of its own, without a network and without a window.
 *
 * @param flags more flags of Chromium
 */
export function browse(file: string, flags: readonly string[] = []): Seen {
  const profile = mkdtempSync(join(tmpdir(), 'pumprange-browser-'));
  try {
    const { status, stdout, stderr } = spawnSync(
      'chromium',
      [
        ...['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
        ...['--disable-component-update', '--disable-sync', '--no-first-run', `--user-data-dir=${profile}`],
        // No name resolves: whatever a page asks for fails, and is told.
        ...['--host-resolver-rules=MAP * ~NOTFOUND', '--enable-logging=stderr', '--window-size=1280,1600'],
        ...['--virtual-time-budget=60000', ...flags, '--dump-dom', pathToFileURL(file).href],
      ],
      { encoding: 'utf8', timeout: 120_000, maxBuffer: 64 * 1024 * 1024 },
    );
    if (status !== 0) throw new Error(`chromium ended with ${status}: ${stderr.slice(-2_000)}`);
    const console = stderr.split('\n').filter((line) => line.includes(':CONSOLE'));
    return { dom: stdout, console: console.join('\n') };
  } finally {
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
