import { LIBRARY_BANNER } from '../../protocol/drug-library/index.ts';
import { ALARM_KINDS, type HeldAlarm } from './alarms.ts';
import { type ChannelContext, channelOf, type PumpContext } from './context.ts';
import { type FirmwareContext, runningFirmware } from './firmware-slots.ts';
import { endsFirst, nextOf, type Running, runningOf } from './running.ts';
import { showBack, shownAmount, shownDose } from './show-back.ts';

/** The line that the display shows: the most urgent alarm first, then each channel, then what everybody must know. */
export function displayLine(context: PumpContext, atMs: number): string {
  const alarm = mostUrgent(context.alarms);
  const alarmPart =
    alarm === undefined ? [] : [alarm.channel === null ? alarm.text : `${alarm.channel}: ${alarm.text}`];
  switch (context.power.mode) {
    case 'off':
      return '';
    case 'selfTest':
      return [...alarmPart, `SELF-TEST, firmware ${firmwareText(context.firmware)}`].join(' | ');
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

/** The version that starts and its slot; whoever stands there sees when it is only on trial. */
function firmwareText(firmware: FirmwareContext): string {
  const { version } = runningFirmware(firmware);
  const isTrial = firmware.slots[firmware.active].state === 'trial';
  return `${version} in slot ${firmware.active}${isTrial ? ', ON TRIAL' : ''}`;
}

function channelPart(context: PumpContext, id: string, atMs: number): string {
  const { mode, programme } = channelOf(context, id);
  const running = runningOf(context, id, atMs);
  if (running === null || programme === null) return `${id} STANDBY`;
  const rests = mode === 'paused' || mode === 'stopped';
  const what = rests && running.phase !== 'primary' ? `${WORDS[mode]} ${PHASES[running.phase]}` : WORDS[mode];
  const back =
    mode === 'programming' || mode === 'ready' ? showBack(programme).map((text) => `, ${text}`) : [];
  return `${id} ${what} ${inWords(running)}${back.join('')}${nextPart(context, id, atMs)}`;
}

/** A second bag that waits for its start is shown back, too. */
function nextPart(context: PumpContext, id: string, atMs: number): string {
  const { secondary } = channelOf(context, id);
  const next = nextOf(context, id, atMs);
  if (secondary === null || next?.phase !== 'secondary') return '';
  const parts = [inWords(next), ...showBack(secondary.programme)];
  return `; SECOND BAG ${parts.join(', ')}`;
}

function inWords({ phase, drug, rateMlPerH, dose, leftMl }: Running): string {
  const doseText = shownDose(dose);
  return [
    `${drug ?? 'NO DRUG NAMED'} ${shownAmount(rateMlPerH)} mL/h`,
    doseText === undefined ? '' : ` (${doseText})`,
    leftMl === null ? '' : `, ${leftMl.toFixed(1)} mL ${endsFirst(phase) ? 'of it ' : ''}left`,
  ].join('');
}

/** Whether the limits of a library hold for whatever runs or is to run, the second bag included. */
export function isLibraryInUse({ library: { inUse }, channels }: PumpContext): boolean {
  if (inUse === null) return false;
  return Object.values(channels).every(
    ({ programme, secondary }) =>
      (programme === null || programme.drug !== null) &&
      (secondary === null || secondary.programme.drug !== null),
  );
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

/** What a pause or an alarm interrupted. */
const PHASES: Readonly<Record<Running['phase'], string>> = {
  loading: WORDS.loading,
  primary: WORDS.primary,
  secondary: WORDS.secondary,
  bolus: WORDS.bolus,
  pcaDose: WORDS.pcaDose,
  keepVeinOpen: WORDS.keepVeinOpen,
};
