import {
  CONTROL_IDS,
  CONTROLS,
  type ControlId,
  LAYERS,
  type Layer,
  type Posture,
} from '../../protocol/index.ts';
import type { Attack, FirmwareState } from '../format/attack.ts';

/** One run of the matrix: which controls are on. */
export type Cell =
  /** Nothing but what the attack presupposes, and essential performance. */
  | { readonly cell: 'bare' }
  | { readonly cell: 'all' }
  /** One control with what it cannot do without. */
  | { readonly cell: 'alone'; readonly control: ControlId }
  /** All but one. */
  | { readonly cell: 'removed'; readonly control: ControlId }
  /**
   * All but those of one failure domain, and what it guarded is in the hands of the adversary. What the attack presupposes stays on: without
   * it there is nothing to attack, and that would look like a defence.
   */
  | { readonly cell: 'lost'; readonly domain: Layer };

/** A cell as a word: `bare`, `alone:mutual-tls`, `lost:broker`. */
export function cellName(cell: Cell): string {
  switch (cell.cell) {
    case 'bare':
    case 'all':
      return cell.cell;
    case 'alone':
    case 'removed':
      return `${cell.cell}:${cell.control}`;
    case 'lost':
      return `lost:${cell.domain}`;
  }
}

/** The command that carries out a cell by itself. `firmware`: `null` where it does not matter. */
export function cellCommand(
  scenario: string,
  firmware: FirmwareState | null,
  cell: Cell,
  postureId: string,
): string {
  // Without controls there is no posture: `run` refuses one beside --bare.
  const posture = postureId === DEFAULT_POSTURE || cell.cell === 'bare' ? '' : ` --posture ${postureId}`;
  const state = firmware === null ? '' : ` --firmware ${firmware}`;
  return `pumprange run ${scenario}${flagOf(cell)}${state}${posture}`;
}

/** What `pumprange run` goes by unless told. */
const DEFAULT_POSTURE = 'layered';

function flagOf(cell: Cell): string {
  switch (cell.cell) {
    case 'bare':
      return ' --bare';
    case 'all':
      return '';
    case 'alone':
      return ` --only-control ${cell.control}`;
    case 'removed':
      return ` --without-control ${cell.control}`;
    case 'lost':
      return ` --lost-domain ${cell.domain}`;
  }
}

/**
 * The posture of a cell. Essential performance is on in every one, but for the labelled counterfactual of a cell that is about it: alone,
 * the bare floor without it tells what it does by itself.
 */
export function cellPosture(cell: Cell, base: Posture, presupposes: readonly ControlId[] = []): Posture {
  const { settings, limits } = base;
  return {
    id: cell.cell === 'all' ? base.id : cellName(cell).replace(':', '-'),
    title: cellName(cell),
    controls: new Set(controlsOf(cell, base.controls, presupposes)),
    settings,
    ...(limits && { limits }),
  };
}

function controlsOf(
  cell: Cell,
  all: ReadonlySet<ControlId>,
  presupposes: readonly ControlId[],
): readonly ControlId[] {
  const presupposed = presupposes.flatMap(withWhatItNeeds);
  const bare = [...ESSENTIAL, ...presupposed];
  switch (cell.cell) {
    case 'bare':
      return bare;
    case 'all':
      return [...all];
    case 'alone':
      return isEssential(cell.control)
        ? bare.filter((id) => id !== cell.control)
        : [...bare, ...withWhatItNeeds(cell.control)];
    case 'removed':
      return [...all].filter((id) => id !== cell.control);
    case 'lost':
      return [...[...all].filter((id) => CONTROLS[id].layer !== cell.domain), ...presupposed];
  }
}

const ESSENTIAL = CONTROL_IDS.filter(isEssential);

/** Whether a control is on in every posture; its own cell is then a counterfactual. */
export function isEssential(id: ControlId): boolean {
  return CONTROLS[id].essential;
}

/** A control and all without which it decides nothing. */
export function withWhatItNeeds(id: ControlId): readonly ControlId[] {
  return [id, ...needs(id).flatMap(withWhatItNeeds)];
}

/** The controls that a control names as what it cannot do without. */
export function needs(id: ControlId): readonly ControlId[] {
  return CONTROLS[id].dependsOn;
}

/** The cells that an attack needs at once; the removed ones come when it is known what the run with all of them asked for. */
export function firstCells(base: Posture): readonly Cell[] {
  return [
    { cell: 'all' },
    { cell: 'bare' },
    ...LAYERS.map((domain): Cell => ({ cell: 'lost', domain })),
    ...[...base.controls].map((control): Cell => ({ cell: 'alone', control })),
  ];
}

export function removedCells(base: Posture): readonly (Cell & { readonly control: ControlId })[] {
  return [...base.controls].map((control) => ({ cell: 'removed', control }));
}

/** The cells in which a care scenario is tried. */
export function careCells(base: Posture): readonly Cell[] {
  const alone = [...base.controls].filter((id) => !isEssential(id));
  return [{ cell: 'bare' }, { cell: 'all' }, ...alone.map((control): Cell => ({ cell: 'alone', control }))];
}

/** For the controls that an attack is on, alone says nothing new: they are on in the bare run. */
export function isPresupposed(control: ControlId, { presupposes }: Attack): boolean {
  return presupposes.flatMap(withWhatItNeeds).includes(control);
}
