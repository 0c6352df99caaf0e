import picocolors from 'picocolors';
import { environment } from '../../testbed/index.ts';

/** Colours, or none where the output is no terminal or NO_COLOR asks for none. */
export const colors = picocolors.createColors(environment.isTerminal && !environment.noColor);

/** Writes a text whole, and only then goes on: a pipe may be slow. */
export function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error && !isClosedPipe(error) ? reject(error) : resolve()));
  });
}

/** `pumprange … | head` ends our reader, not us. */
export function isClosedPipe(error: Error): boolean {
  return 'code' in error && error.code === 'EPIPE';
}
