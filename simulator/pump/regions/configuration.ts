import { type PumpContext, presetSettings, withChannel } from '../context.ts';
import type { EventOf } from '../events.ts';
import { eventFact, type Outcome, pumpSetup, step } from '../step.ts';

/** How the device is set up. Whether a configuration may be taken now is judged before it comes here. */
export const configuration = pumpSetup.createStateConfig({
  on: {
    'configuration.taken': { actions: step(take) },
    'configuration.refused': { actions: step(noteRefusal) },
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
