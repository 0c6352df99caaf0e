import { colors } from './terminal.ts';

interface Artefact {
  readonly file: string;
  readonly holds: boolean;
  readonly findings: readonly { readonly what: string; readonly holds: boolean; readonly detail: string }[];
}

/** What holds of each artefact and what does not, a line each. */
export function findingsText(artefacts: readonly Artefact[]): string {
  return artefacts
    .map(({ file, holds, findings }) => {
      const width = Math.max(...findings.map(({ what }) => what.length));
      const lines = findings.map((finding) => {
        const mark = finding.holds ? colors.green('✓') : colors.red('✗');
        return `  ${mark} ${finding.what.padEnd(width)}  ${finding.detail}\n`;
      });
      const verdict = holds ? 'all of it holds' : 'it does NOT hold';
      return `${file}: ${holds ? verdict : colors.red(verdict)}\n${lines.join('')}`;
    })
    .join('\n');
}
