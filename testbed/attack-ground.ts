import type { Settling } from '../clock/index.ts';
import type { Pki } from '../pki/index.ts';
import type { AttackCredential, AttackGround, StageSetup } from '../scenarios/index.ts';
import { openMqtt, openSocket } from '../simulator/transport/index.ts';
import { AttackCredentials } from './attack-credentials.ts';
import { counterfeit } from './counterfeits.ts';
import type { Testbed } from './testbed.ts';

/** The floor as an adversary finds it. What it opens are sockets like anybody's. */
export function attackGround(testbed: Testbed, setup: StageSetup, pki: Pki): AttackGround {
  const { clock, settling, random, posture } = setup;
  const credentials = new AttackCredentials(pki);
  return {
    clock,
    settling,
    random: random.fork('adversary'),
    endpoint: ({ listener }) => {
      const found = testbed.listeners().find((one) => one.listener === listener);
      return found && { host: found.host, port: found.port };
    },
    credential: async (as): Promise<AttackCredential | undefined> => {
      const credential = credentials.of(as);
      if (credential !== undefined) await told(testbed, settling);
      return credential;
    },
    counterfeit: (action) => counterfeit(testbed, action),
    sourceAddress: () => undefined,
    open: ({ host, port, over, credential }) =>
      openSocket({
        clock,
        settling,
        endpoint: { host, port, listener: over },
        ...(credential && { credential }),
        controls: posture.controls,
      }),
    mqtt: (socket, options, handlers) => openMqtt(socket, clock, options, handlers),
  };
}

/** Whoever was stolen from had the certificate before, and a foreign broker knew of it. */
async function told({ broker }: Testbed, settling: Settling): Promise<void> {
  const { takeUpChanges } = broker ?? {};
  if (takeUpChanges !== undefined) await settling.hold('the broker that reads its lists', takeUpChanges);
}
