import { ERRORS } from '../../protocol/index.ts';
import { generatedFrom, page, row } from './markdown.ts';

/** `docs/errors.md`: every code of the registry, with its cause, its way out and the exit code of the command. */
export function errorsPage(): string {
  const rows = Object.entries(ERRORS).map(([code, { exit, cause, wayOut }]) =>
    row([`<a id="${code.toLowerCase()}"></a>\`${code}\``, String(exit), cause, wayOut]),
  );
  return page([
    '# Errors',
    '',
    generatedFrom('protocol/errors.ts'),
    '',
    'A failure that a user can meet has a code, is printed with what happened in this case and with the way out, and ends the',
    'command with an exit code. A code is never used again for something else.',
    '',
    'Exit codes: 0 all that was expected held; 1 something that should have held did not; 2 bad input or usage; 3 the machine',
    'lacks something, which is named, or did not carry what was to be tried on it.',
    '',
    '| code | exit | cause | way out |',
    '|---|---|---|---|',
    ...rows,
  ]);
}
