import { unsettled } from '../clock/index.ts';
import { clientIdOf } from '../protocol/index.ts';
import { keepConnected } from '../simulator/transport/index.ts';
import type { Component, ComponentOptions } from './component.ts';
import { dialer } from './dialer.ts';
import { ground, keepsNone, orClose, speakingFrom, wallAndPki } from './ground.ts';

const OBSERVER = { kind: 'observer', id: 'observer-01' } as const;
/** What pumps say of themselves, but for patients. */
const FILTERS = ['status', 'telemetry', 'alarm', 'event', 'ack'].map((kind) => `pumps/+/${kind}`);
const TOPIC = /^pumps\/([^/]+)\/([a-z]+)$/;

/** Security operations' ear on the broker: reads, and counts who said what. */
export async function startObserver(options: ComponentOptions): Promise<Component> {
  const { posture } = options;
  const base = wallAndPki(options.dir);
  const { clock, pki } = base;
  const { status, random, endpoint, close } = await ground(options, base, keepsNone);
  const { judge } = status;
  const credential = await orClose(close, async () => {
    const own = pki.credentialFor(OBSERVER);
    await status.prepare(() => [own.chainDer]);
    return own;
  });
  const pumps = new Set<string>();
  const heard: Record<string, number> = {};
  const connection = keepConnected(
    dialer(
      { clock, settling: unsettled, judge, posture, endpoint, localAddress: speakingFrom(options) },
      credential,
    ),
    clock,
    random.fork('link'),
    {
      options: () => ({ clientId: clientIdOf(OBSERVER), keepAliveS: 60 }),
      online: (link) => {
        // A filter that is denied is in the evidence of the broker; a link that broke is dialled anew.
        for (const filter of FILTERS) link.subscribe(filter, 0).catch(() => undefined);
      },
      offline: () => undefined,
      message: (topic) => {
        const [, serial, kind] = TOPIC.exec(topic) ?? [];
        if (serial === undefined || kind === undefined) return;
        pumps.add(serial);
        heard[kind] = (heard[kind] ?? 0) + 1;
      },
    },
  );
  return {
    ready: { component: 'observer' },
    methods: { status: () => ({ pumps: [...pumps].sort(), heard }) },
    isWell: () => connection.link() !== undefined,
    stop: async () => {
      connection.end();
      await close();
    },
  };
}
