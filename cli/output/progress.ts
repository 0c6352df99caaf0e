import { createLogUpdate } from 'log-update';
import { environment } from '../../testbed/index.ts';

/** How often a line says how far it is where there is no terminal, in ms. */
const TELL_EVERY_MS = 10_000;

/** How far many runs, or whatever else, are, on stderr, so that stdout stays what was asked for. */
export function progressLine(isQuiet: boolean, what = 'runs') {
  const line = createLogUpdate(process.stderr);
  const isLive = environment.isTerminal && process.stderr.isTTY === true;
  let toldAtMs = performance.now();
  const tellOf = (of: string, ended: number, known: number): void => {
    if (isLive) line(`${ended} of ${known} ${of}`);
    else if (!isQuiet && performance.now() - toldAtMs > TELL_EVERY_MS) {
      toldAtMs = performance.now();
      process.stderr.write(`${ended} of ${known} ${of}\n`);
    }
  };
  return {
    tell: (ended: number, known: number): void => tellOf(what, ended, known),
    /** The same, of something else. */
    tellOf,
    done: (): void => {
      if (isLive) line.clear();
    },
  };
}
