import type { ZonePolicy } from '../../network/index.ts';
import { row } from './markdown.ts';

const BEGIN =
  '<!-- Generated from network/zones/sp1800-8.yaml by `npm run generate`, down to the end mark. Do not edit. -->';
const END = '<!-- end -->';

/**
 * `docs/segmentation.md`, which people write, with its table of zones as the plan has it.
 *
 * @throws Error where the marks are missing
 */
export function segmentationPage(written: string, policy: ZonePolicy): string {
  const [begin, end] = [written.indexOf(BEGIN), written.indexOf(END)];
  if (begin < 0 || end < begin)
    throw new Error('docs/segmentation.md has lost the marks of its table of zones');
  return `${written.slice(0, begin)}${BEGIN}\n\n${zonesTable(policy)}\n\n${written.slice(end)}`;
}

function zonesTable(policy: ZonePolicy): string {
  const rows = [...policy.zones.values()].map(({ id, ipv4, range, isOpenInside }) => {
    const blocks = [ipv4?.text ?? '–', `127.${Math.floor(range.first / 65_536) % 256}.0.0/16`];
    const reaches = [
      isOpenInside ? 'its neighbours' : '',
      reachedFrom(policy, id),
      ...reachedByAssets(policy, id),
    ];
    return row([`\`${id}\``, ...blocks, reaches.filter((one) => one !== '').join('; ') || 'nothing']);
  });
  return ['| zone | in the lab | in the emulation | reaches |', '|---|---|---|---|', ...rows].join('\n');
}

/** What stands in a zone and has conduits to itself. */
function reachedByAssets(policy: ZonePolicy, zone: string): readonly string[] {
  return [...policy.assets.values()]
    .filter((asset) => asset.zone === zone)
    .map(({ id }) => ({ id, reached: reachedFrom(policy, id) }))
    .flatMap(({ id, reached }) => (reached === '' ? [] : [`from \`${id}\` alone: ${reached}`]));
}

function reachedFrom({ conduits }: ZonePolicy, from: string): string {
  const to = conduits.filter((one) => one.from === from || one.from === 'any').map((one) => `\`${one.to}\``);
  return [...new Set(to)].join(', ');
}
