import { advance } from '../physics/index.ts';
import { type ChannelContext, channelOf, type PumpContext } from './context.ts';

/** Volumes below this are rounding errors: a picolitre. */
export const NOTHING_ML = 1e-9;

/** The motor's total until which it drove for the primary: a secondary that began does not count. */
function primaryUntilMl(channel: ChannelContext, drivenMl: number): number {
  return channel.secondary?.beganAtMl ?? drivenMl;
}

/** What was infused of the programme at an instant, in mL, as the pump counts it. */
export function infusedMl(channel: ChannelContext, context: PumpContext, atMs: number): number {
  if (channel.programme === null) return 0;
  const { drivenMl } = advance(channel.physics, context.model.line, atMs);
  return Math.max(0, primaryUntilMl(channel, drivenMl) - channel.drivenAtStartMl);
}

/** What is left of the programme at an instant, in mL; 0 without a programme. */
export function remainingMl(context: PumpContext, id: string, atMs: number): number {
  const channel = channelOf(context, id);
  if (channel.programme === null) return 0;
  const leftMl = channel.programme.volumeToBeInfusedMl - infusedMl(channel, context, atMs);
  return leftMl > NOTHING_ML ? leftMl : 0;
}

/** Rounds a volume to a microlitre for the log. */
export function micro(volumeMl: number): number {
  return Math.round(volumeMl * 1_000) / 1_000;
}
