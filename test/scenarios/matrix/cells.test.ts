import { describe, expect, it } from 'vitest';
import { CONTROL_IDS, CONTROLS } from '../../../protocol/index.ts';
import { cellCommand, cellPosture } from '../../../scenarios/index.ts';
import { LAYERED } from './runs.ts';

const ESSENTIAL = CONTROL_IDS.filter((id) => CONTROLS[id].essential);
const controls = (...args: Parameters<typeof cellPosture>) => [...cellPosture(...args).controls].sort();

describe('the posture of a cell', () => {
  it('bare has essential performance and what the attack is on, with all that this needs', () => {
    expect(controls({ cell: 'bare' }, LAYERED)).toEqual([...ESSENTIAL].sort());
    expect(controls({ cell: 'bare' }, LAYERED, ['certificate-revocation'])).toEqual(
      [...ESSENTIAL, 'certificate-revocation', 'mutual-tls'].sort(),
    );
  });

  it('alone adds one control to the bare floor, with all that it needs', () => {
    expect(controls({ cell: 'alone', control: 'dual-approval' }, LAYERED)).toEqual(
      [...ESSENTIAL, 'dual-approval', 'signed-library'].sort(),
    );
  });

  it('alone of essential performance is the bare floor without it, a counterfactual', () => {
    expect(controls({ cell: 'alone', control: 'dose-limits' }, LAYERED)).toEqual(
      ESSENTIAL.filter((id) => id !== 'dose-limits').sort(),
    );
  });

  it.each(CONTROL_IDS)('removed lacks %s and nothing else', (control) => {
    expect(controls({ cell: 'removed', control }, LAYERED)).toEqual(
      CONTROL_IDS.filter((id) => id !== control).sort(),
    );
  });

  it('lost lacks every control of the failure domain and nothing else', () => {
    const left = controls({ cell: 'lost', domain: 'device' }, LAYERED);
    expect(left).toEqual(CONTROL_IDS.filter((id) => CONTROLS[id].layer !== 'device').sort());
    expect(left).not.toContain('dose-limits');
  });

  it('lost keeps what the attack is on: without it there would be nothing to attack', () => {
    const left = controls({ cell: 'lost', domain: 'supervision' }, LAYERED, ['anomaly-detection']);
    expect(left).toContain('anomaly-detection');
    expect(left).toContain('audit-trail');
    expect(left).not.toContain('evidence-offload');
    expect(new Set(left).size).toBe(left.length);
  });
});

it('names the command that carries out a cell by itself', () => {
  const command = (
    ...[firmware, cell, posture = 'layered']: [
      Parameters<typeof cellCommand>[1],
      Parameters<typeof cellCommand>[2],
      string?,
    ]
  ) => cellCommand('x', firmware, cell, posture);
  expect(command(null, { cell: 'bare' })).toBe('pumprange run x --bare');
  expect(command(null, { cell: 'all' })).toBe('pumprange run x');
  expect(command('patched', { cell: 'alone', control: 'mutual-tls' })).toBe(
    'pumprange run x --only-control mutual-tls --firmware patched',
  );
  expect(command(null, { cell: 'removed', control: 'mutual-tls' }, 'sp1800-8')).toBe(
    'pumprange run x --without-control mutual-tls --posture sp1800-8',
  );
  expect(command(null, { cell: 'lost', domain: 'broker' })).toBe('pumprange run x --lost-domain broker');
});
