import { channelOf, type PumpContext, presetSettings, withChannel } from '../context.ts';
import type { EventOf } from '../events.ts';
import { whyNotSet } from '../settings.ts';
import { eventFact, type Outcome, pumpSetup, step } from '../step.ts';

/** How the device is set up. Whether a configuration may be taken now is judged before it comes here. */
export const configuration = pumpSetup.createStateConfig({
  on: {
    'configuration.taken': { actions: step(take) },
    'configuration.refused': { actions: step(noteRefusal) },
    'setting.written': { actions: step(writeSetting) },
    'calibration.written': { actions: step(writeCalibration) },
  },
});

/** Its alarm settings hold at once, on every channel, and for each patient from then on. */
function take(context: PumpContext, event: EventOf<'configuration.taken'>): Outcome {
  const { configuration: taken } = event;
  let configured: PumpContext = { ...context, configuration: taken };
  const settings = presetSettings(context.model, taken);
  for (const id of context.model.channels) configured = withChannel(configured, id, { settings });
  const { id, version, sequence } = taken;
  const { timeServer, networkProfile, brokerAddress } = taken.settings;
  const detail = {
    ...{ configuration: id, version, sequence, replaced: context.configuration?.version ?? null },
    ...{ timeServer, networkProfile, broker: `${brokerAddress.host}:${brokerAddress.port}` },
    ...settings,
  };
  return { context: configured, facts: [eventFact(event.atMs, 'configuration-taken', null, detail)] };
}

function noteRefusal(_: PumpContext, event: EventOf<'configuration.refused'>): Outcome {
  const { version, reason, control } = event;
  return { facts: [eventFact(event.atMs, 'configuration-refused', null, { version, reason, control })] };
}

/** Past the keys, but within the ranges of the model: those are in the part that no service reaches. */
function writeSetting(context: PumpContext, event: EventOf<'setting.written'>): Outcome {
  const { channel, setting, by } = event;
  const why = whyNotWritten(context, event) ?? whyNotSet(context.model, setting);
  if (why !== null) return refuseWriting(event, 'write-setting', why);
  const { name, value } = setting;
  const { settings } = channelOf(context, channel);
  return {
    context: withChannel(context, channel, { settings: { ...settings, [name]: value } }),
    facts: [eventFact(event.atMs, 'setting-changed', channel, { name, value, by })],
  };
}

const CALIBRATIONS = { least: 0.5, most: 2 };

function writeCalibration(context: PumpContext, event: EventOf<'calibration.written'>): Outcome {
  const { channel, share, by } = event;
  const isWithin = share >= CALIBRATIONS.least && share <= CALIBRATIONS.most;
  const why =
    whyNotWritten(context, event) ??
    (isWithin ? null : `a calibration is ${CALIBRATIONS.least}–${CALIBRATIONS.most}`);
  if (why !== null) return refuseWriting(event, 'write-calibration', why);
  const { calibration } = channelOf(context, channel);
  return {
    context: withChannel(context, channel, { calibration: { ...calibration, next: share } }),
    facts: [eventFact(event.atMs, 'setting-changed', channel, { name: 'calibration', value: share, by })],
  };
}

function whyNotWritten(
  context: PumpContext,
  event: EventOf<'setting.written' | 'calibration.written'>,
): string | null {
  const { channel } = event;
  if (!Object.hasOwn(context.channels, channel)) return `there is no channel ${channel}`;
  const mayRun = event.type === 'setting.written' && event.whileRunning;
  return mayRun || channelOf(context, channel).programme === null ? null : 'a therapy is programmed';
}

function refuseWriting(
  { atMs, channel, by }: EventOf<'setting.written' | 'calibration.written'>,
  action: string,
  reason: string,
): Outcome {
  return { facts: [eventFact(atMs, 'action-refused', channel, { action, by, reason, control: null })] };
}
