const LONGEST_NAME = 64;

/**
 * Why a name may not stand in a package, or `undefined`. Files lie side by side under plain names, so that no name leads anywhere else on
 * whatever system unpacks it.
 */
export function whyBadName(name: string): string | undefined {
  const shown = JSON.stringify(name.slice(0, LONGEST_NAME));
  if (name === '') return 'it has no name';
  if (name.length > LONGEST_NAME) return `a name of ${name.length} characters, ${LONGEST_NAME} is the most`;
  if (/^[/\\]|^[A-Za-z]:/.test(name)) return `${shown} is an absolute name`;
  const steps = name.split(/[/\\]/);
  if (steps.includes('..')) return `${shown} leads out of the archive`;
  if (steps.length > 1) return `${shown} is in a folder`;
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) return `${shown} has characters that no name may have`;
  return undefined;
}
