import { createInterface, emitKeypressEvents } from 'node:readline';
import type { Command } from 'commander';
import { createLogUpdate } from 'log-update';
import { PumprangeError } from '../../protocol/index.ts';
import {
  type Bedside,
  bedsideScreen,
  DEFAULT_DIR,
  environment,
  openBedside,
  type ScreenPaint,
} from '../../testbed/index.ts';
import { type TypedKey, typeKey } from '../output/line-editor.ts';
import { colors, print } from '../output/terminal.ts';
import { bedsideLayout } from './bedside-layout.ts';
import { type Answer, BedsideSession, factLine } from './bedside-session.ts';

/** Colours of the priorities [IEC 60601-1-8]: red, yellow, cyan. */
const PAINT: ScreenPaint = {
  high: (text) => colors.bold(colors.red(text)),
  medium: (text) => colors.bold(colors.yellow(text)),
  low: colors.cyan,
  running: colors.green,
  strong: colors.bold,
  faint: colors.dim,
};
const LOOK_EVERY_MS = 500;
const PLAIN_COLUMNS = 80;
const LEGEND = [
  'programme confirm start pause resume stop rate bolus clear; bag clamp open',
  '! silences, ? lists everything, quit or Ctrl-C leaves',
];

export function addBedside(program: Command): void {
  program
    .command('bedside')
    .description('keypad and display of one pump of a running ward; the nurse of the ward steps aside')
    .argument('<serial>', 'serial number, e.g. LVP-0001')
    .option('--dir <d>', 'folder of the ward', DEFAULT_DIR)
    .action(bedside);
}

async function bedside(serial: string, { dir }: { readonly dir: string }): Promise<void> {
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  // Not `once`: log-update brings `signal-exit`, which ends the process when it finds no other listener left.
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const onTerminal = environment.isTerminal && process.stdin.isTTY === true;
  let tell: (line: string) => void = () => undefined;
  const seat = await openBedside(dir, serial.toUpperCase(), (fact) => tell(factLine(fact)));
  try {
    const session = await BedsideSession.at(seat, (ms) => pause(ms, abort.signal));
    const hear = (listener: (line: string) => void): void => {
      tell = listener;
    };
    const work = onTerminal ? interactive(session, hear, abort) : lineByLine(session, hear, abort.signal);
    try {
      await Promise.race([work, wardGone(seat, dir, abort.signal)]);
    } finally {
      abort.abort();
      // The terminal is given back first.
      await work.catch(() => undefined);
    }
    if (onTerminal) await print('the pump is left to the nurse of the ward\n');
  } finally {
    await seat.leave();
    process.stdin.destroy();
  }
}

/** @throws PumprangeError when the ward stops while somebody sits there */
async function wardGone(seat: Bedside, dir: string, signal: AbortSignal): Promise<never> {
  await seat.ended;
  if (signal.aborted) return new Promise(() => undefined);
  throw new PumprangeError('PR_WARD_NOT_RUNNING', `the ward on ${dir} has stopped`);
}

/** Without a terminal: a command a line, the display after each, and the end with the input. */
async function lineByLine(
  session: BedsideSession,
  hear: (listener: (line: string) => void) => void,
  signal: AbortSignal,
): Promise<void> {
  const show = async (): Promise<void> => {
    await print(`${bedsideScreen(await session.look(), PAINT, PLAIN_COLUMNS).join('\n')}\n`);
  };
  hear((line) => void print(`${line}\n`));
  await show();
  const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
  signal.addEventListener('abort', () => lines.close());
  for await (const line of lines) {
    if (signal.aborted) return;
    await print(`${session.role}> ${line}\n`);
    const { said, page = [], quit } = await session.take(line, PLAIN_COLUMNS);
    if (quit === true) return;
    const text = [...said, ...page];
    if (text.length > 0) await print(`${text.join('\n')}\n`);
    if (page.length === 0) await show();
  }
}

/** On a terminal: the display is redrawn in place, and below it somebody types. */
async function interactive(
  session: BedsideSession,
  hear: (listener: (line: string) => void) => void,
  abort: AbortController,
): Promise<void> {
  const screen = createLogUpdate(process.stdout);
  let typed = '';
  let page: readonly string[] = [];
  const said: string[] = [];
  const say = (line: string): void => {
    said.push(line);
    if (said.length > 50) said.shift();
  };
  const draw = (): void => {
    const { columns = PLAIN_COLUMNS, rows = 24 } = process.stdout;
    if (page.length > 0) {
      screen([...page.slice(0, rows - 3), '', colors.dim('any key goes on')].join('\n'));
      return;
    }
    const short = (line: string): string => line.slice(0, columns - 1);
    screen(
      bedsideLayout({
        state: session.state,
        paint: PAINT,
        said: said.map(short),
        legend: LEGEND.map((line) => colors.dim(short(line))),
        prompt: `${colors.bold(`${session.role}>`)} ${typed.slice(-(columns - 14))}_`,
        columns,
        rows,
      }).join('\n'),
    );
  };
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const look = (): void => void session.look().then(draw, fail);
  const took = ({ said: lines, page: list = [], quit }: Answer): void => {
    if (quit === true) abort.abort();
    for (const line of lines) say(line);
    page = list;
  };
  let work = Promise.resolve();
  const submit = (line: string): void => {
    say(`${session.role}> ${line}`);
    work = work.then(async () => {
      took(await session.take(line, Math.max(40, (process.stdout.columns ?? PLAIN_COLUMNS) - 1)));
      await session.look();
      draw();
    });
    work.catch(fail);
  };
  const onKey = (text: string | undefined, key: Omit<TypedKey, 'text'>): void => {
    const result = typeKey(typed, { ...key, text });
    if (result.kind === 'end') {
      abort.abort();
      return;
    }
    if (page.length > 0) {
      page = page.slice((process.stdout.rows ?? 24) - 3);
      draw();
      return;
    }
    typed = result.kind === 'line' ? result.line : '';
    if (result.kind === 'submit' && result.line.trim() !== '') submit(result.line);
    draw();
  };
  hear((line) => {
    say(line);
    draw();
  });
  emitKeypressEvents(process.stdin);
  process.stdin.setRawMode(true);
  process.stdin.on('keypress', onKey);
  process.stdin.resume();
  draw();
  const timer = setInterval(look, LOOK_EVERY_MS);
  try {
    await Promise.race([failed, aborted(abort.signal)]);
  } finally {
    clearInterval(timer);
    process.stdin.off('keypress', onKey);
    process.stdin.setRawMode(false);
    hear(() => undefined);
    screen.done();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve());
  });
}

/** Real time passes, until it is time to stop. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
