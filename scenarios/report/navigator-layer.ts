import { type AttackFacts, depthOf } from './attack-facts.ts';

/** Where a scenario names one of its techniques. */
const ATTACK_FOR_ICS = 'ATT&CK for ICS';

/** Depth from which on more layers change nothing of the colour. */
const MOST_LAYERS = 4;

/**
 * The matrix as a layer of the ATT&CK Navigator, format 4.5, for the domain `ics-attack` [MITRE: attack-navigator, layers/spec/v4.5]. A
 * technique's score is the least number of layers that stand by themselves before any attack that uses it.
 */
export function navigatorLayer(facts: readonly AttackFacts[], posture: string): unknown {
  const byTechnique = new Map<string, AttackFacts[]>();
  for (const one of facts) {
    for (const { source, id } of one.rehearsed?.references ?? []) {
      if (source === ATTACK_FOR_ICS && /^T\d{4}$/.test(id))
        byTechnique.set(id, [...(byTechnique.get(id) ?? []), one]);
    }
  }
  return {
    name: `Pumprange: ${posture}`,
    versions: { attack: '18', navigator: '5.2.0', layer: '4.5' },
    domain: 'ics-attack',
    description:
      'Attacks that were rehearsed on a simulated ward. Score: the least number of independent layers that stop, limit or contain an attack with this technique, each by itself. TRAINING, NOT FOR HUMAN USE.',
    sorting: 2,
    layout: { layout: 'side', showID: true, showName: true },
    hideDisabled: false,
    techniques: [...byTechnique]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([techniqueID, attacks]) => ({
        techniqueID,
        score: leastDepth(attacks),
        comment: attacks.map(commentOn).join('\n'),
        enabled: true,
        metadata: attacks.map(({ name, attack }) => ({
          name,
          value: attack.boundedByAll ? 'held' : 'goes too far',
        })),
      })),
    gradient: { colors: ['#b3261e', '#f2c66d', '#0a7264'], minValue: 0, maxValue: MOST_LAYERS },
    legendItems: [
      { label: 'no layer stands alone', color: '#b3261e' },
      { label: `${MOST_LAYERS} or more independent layers`, color: '#0a7264' },
    ],
  };
}

/** Where the firmware itself stops each of them, nothing is missing. */
function leastDepth(attacks: readonly AttackFacts[]): number {
  return Math.min(...attacks.map(({ attack }) => depthOf(attack) ?? MOST_LAYERS));
}

function commentOn({ name, attack }: AttackFacts): string {
  const lost =
    attack.residual.length === 0
      ? ''
      : `; gets through when one of these is lost: ${attack.residual.join(', ')}`;
  return `${name}: ${attack.boundedByAll ? 'held' : 'goes too far'} with all controls; layers: ${attack.mendedByFirmware ? 'the firmware itself' : attack.layers.join(', ') || 'none'}${lost}`;
}
