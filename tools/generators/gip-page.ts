import { GIP_OMISSIONS, GIP_REQUIREMENTS } from './gip-requirements.ts';
import { generatedFrom, page, row } from './markdown.ts';

/** `docs/gip.md`: every requirement of the Generic Infusion Pump that the model keeps, and those that it leaves out. */
export function gipPage(): string {
  return page([
    '# Requirements of the Generic Infusion Pump',
    '',
    generatedFrom('tools/generators/gip-requirements.ts'),
    '',
    'The pumps behave after the safety requirements of the Generic Infusion Pump (FDA and University of Pennsylvania, 2009). The ids',
    'are our own: the document was not at hand, and the numbers of the original were not checked. The wording is ours too. That a',
    'test shows a requirement says that this model keeps it; it says nothing of any real pump.',
    '',
    `${GIP_REQUIREMENTS.length} requirements are kept and ${GIP_OMISSIONS.length} left out.`,
    '',
    '## Kept',
    '',
    '| id | requirement | modelled in | shown by |',
    '|---|---|---|---|',
    ...GIP_REQUIREMENTS.map(({ id, wording, modelledIn, shownBy }) =>
      row([
        `<a id="${id.toLowerCase()}"></a>\`${id}\``,
        wording,
        modelledIn.map((file) => `\`${file}\``).join(', '),
        `\`${shownBy.file}\`: ${shownBy.test}`,
      ]),
    ),
    '',
    '## Left out',
    '',
    '| id | requirement | why |',
    '|---|---|---|',
    ...GIP_OMISSIONS.map(({ id, wording, why }) =>
      row([`<a id="${id.toLowerCase()}"></a>\`${id}\``, wording, why]),
    ),
  ]);
}
