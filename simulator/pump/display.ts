import { LIBRARY_BANNER } from '../drug-library/index.ts';
import { advance } from '../physics/index.ts';
import { ALARM_KINDS, type HeldAlarm } from './alarms.ts';
import { type ChannelContext, channelOf, type PumpContext } from './context.ts';
import { infusedMl } from './volumes.ts';

/** The line that the display shows: the most urgent alarm first, then each channel, then what everybody must know. */
export function displayLine(context: PumpContext, atMs: number): string {
  const alarm = mostUrgent(context.alarms);
  const alarmPart =
    alarm === undefined ? [] : [alarm.channel === null ? alarm.text : `${alarm.channel}: ${alarm.text}`];
  switch (context.power.mode) {
    case 'off':
      return '';
    case 'selfTest':
      return [...alarmPart, `SELF-TEST, firmware ${context.firmware.running.version}`].join(' | ');
    case 'updating':
      return 'UPDATE IN PROGRESS: do not use';
    case 'failed':
      return [...alarmPart, 'OUT OF ORDER'].join(' | ');
    case 'on':
      return [
        ...alarmPart,
        ...context.model.channels.map((id) => channelPart(context, id, atMs)),
        banner(context),
      ].join(' | ');
  }
}

function channelPart(context: PumpContext, id: string, atMs: number): string {
  const channel = channelOf(context, id);
  const { programme } = channel;
  if (programme === null) return `${id} STANDBY`;
  const shown = channel.mode === 'secondary' ? (channel.secondary?.programme ?? programme) : programme;
  const leftMl =
    channel.mode === 'secondary'
      ? (advance(channel.physics, context.model.line, atMs).budgetMl ?? 0)
      : Math.max(0, programme.volumeToBeInfusedMl - infusedMl(channel, context, atMs));
  const drug = shown.drug ?? 'NO DRUG NAMED';
  const rateMlPerH = channel.mode === 'keepVeinOpen' ? channel.physics.driveMlPerH : shown.rateMlPerH;
  const isSaid = shown.dose === null || shown.dose.unit === 'mL/h';
  const dose =
    isSaid || shown.dose === null ? '' : ` (${Number(shown.dose.value.toPrecision(4))} ${shown.dose.unit})`;
  return `${id} ${WORDS[channel.mode]} ${drug} ${rateMlPerH} mL/h${dose}, ${leftMl.toFixed(1)} mL left`;
}

/** Whether the limits of a library hold for whatever runs. */
export function isLibraryInUse({ library: { inUse }, channels }: PumpContext): boolean {
  if (inUse === null) return false;
  return Object.values(channels).every(({ programme }) => programme === null || programme.drug !== null);
}

function banner(context: PumpContext): string {
  return isLibraryInUse(context) ? LIBRARY_BANNER : `LIBRARY NOT IN USE | ${LIBRARY_BANNER}`;
}

function mostUrgent(alarms: readonly HeldAlarm[]): { channel: string | null; text: string } | undefined {
  for (const priority of ['high', 'medium', 'low'] as const) {
    const held = alarms.find((each) => each.priority === priority);
    if (held !== undefined) return { channel: held.channel, text: ALARM_KINDS[held.alarm].text };
  }
  return undefined;
}

const WORDS: Readonly<Record<ChannelContext['mode'], string>> = {
  off: 'OFF',
  standby: 'STANDBY',
  programming: 'CONFIRM?',
  ready: 'START?',
  loading: 'LOADING DOSE',
  primary: 'INFUSING',
  secondary: 'SECONDARY',
  bolus: 'BOLUS',
  pcaDose: 'PCA DOSE',
  keepVeinOpen: 'KVO',
  paused: 'PAUSED',
  stopped: 'STOPPED',
  complete: 'COMPLETE',
};
