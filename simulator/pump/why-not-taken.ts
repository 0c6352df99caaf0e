import { type PhysicalEvent, SENSORS } from './bedside.ts';
import { type ChannelContext, channelOf, isDelivering, type PumpContext } from './context.ts';

/** What a log has room for: a value from outside may be anything. */
const LONGEST_VALUE = 16;

const IMPOSSIBLE = 'there is no such thing';

/** Why nothing took what happened to a pump, as somebody at the bed would say it; the guards of the regions decide. */
export function whyNotTaken(context: PumpContext, cause: PhysicalEvent): string {
  if (!('channel' in cause)) return ofPump(context, cause);
  // Events come from sockets too: what is no text has no business as a key.
  if (typeof cause.channel !== 'string' || !Object.hasOwn(context.channels, cause.channel))
    return `there is no channel ${brief(cause.channel)}`;
  const channel = channelOf(context, cause.channel);
  switch (cause.event) {
    case 'reservoir-changed':
      return ofContainer(context, channel, cause);
    case 'secondary-hung':
      if (!context.model.secondary) return `a ${context.model.title} takes no second bag`;
      if (channel.primaryBagMl !== null) return 'the second bag runs already';
      return `no bag holds ${brief(cause.volumeMl)} mL`;
    case 'air-entered':
      return `${brief(cause.volumeMicroL)} µL is no bubble of air`;
    case 'air-leaking':
      return `no leak draws in ${brief(cause.microLPerMl)} µL with each mL: 0–1,000`;
    case 'motor-slipping':
      return `the share that a motor moves is 0–2, not ${brief(cause.share)}`;
    case 'sensor-failed':
    case 'sensor-repaired':
      return `a sensor is one of ${SENSORS.join(', ')}`;
    default:
      return IMPOSSIBLE;
  }
}

function ofContainer(
  { model }: PumpContext,
  { id, physics }: ChannelContext,
  { volumeMl, syringeMl }: Extract<PhysicalEvent, { readonly event: 'reservoir-changed' }>,
): string {
  if (syringeMl === undefined) return `no container holds ${brief(volumeMl)} mL`;
  if (model.syringes === null) return `a ${model.title} takes no syringe`;
  const sizes = model.syringes.map(({ sizeMl }) => sizeMl);
  if (!sizes.includes(syringeMl)) return `a syringe here is one of ${sizes.join(', ')} mL`;
  // The guard sees to the content first.
  return physics.driveMlPerH > 0 && typeof volumeMl === 'number' && volumeMl >= 0 && volumeMl <= syringeMl
    ? `the clamp of channel ${id} holds a syringe of another size: pause it first`
    : `a syringe of ${syringeMl} mL does not hold ${brief(volumeMl)} mL`;
}

function ofPump(context: PumpContext, cause: Exclude<PhysicalEvent, { readonly channel: string }>): string {
  switch (cause.event) {
    case 'mains-lost':
      return 'the plug is out already';
    case 'mains-restored':
      return 'the plug is in already';
    case 'key-stuck':
      return 'a key is stuck already';
    case 'key-released':
      return 'no key is stuck';
    case 'controller-hung':
      return context.power.mode === 'on' ? 'the controller hangs already' : 'the pump is not on';
    case 'controller-recovered':
      return 'the controller does not hang';
    case 'battery-failed':
      return 'the battery has failed already';
    case 'battery-replaced':
      return isDelivering(context) ? 'an infusion is running: pause it first' : IMPOSSIBLE;
    case 'temperature-changed':
      return `${brief(cause.celsius)} °C is no temperature`;
    default:
      return IMPOSSIBLE;
  }
}

function brief(value: unknown): string {
  return String(typeof value === 'number' || typeof value === 'string' ? value : typeof value).slice(
    0,
    LONGEST_VALUE,
  );
}
