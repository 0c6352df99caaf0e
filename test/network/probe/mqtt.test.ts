import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { generate, type Packet, parser } from 'mqtt-packet';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { probeMqtt } from '../../../network/probe/mqtt.ts';
import type { MqttProbe, MqttRole, MqttStep } from '../../../network/probe/request.ts';
import { clientIdOf, type Identity } from '../../../protocol/index.ts';
import { type Floor, openFloor } from '../../helpers/floor.ts';
import { freePort } from '../../helpers/free-port.ts';

const PUMP: Identity = { kind: 'pump', id: 'PROBE-01' };
const OBSERVER: Identity = { kind: 'observer', id: 'PROBE-02' };

const read = (topics: string, filter: string): MqttStep => ({ does: 'subscribe', topics, filter });
const write = (topics: string, topic: string, witness?: string): MqttStep => ({
  ...{ does: 'publish', topics, topic, payload: `probe of ${topic}` },
  ...(witness !== undefined && { witness }),
});

describe('probes of MQTT at our broker', () => {
  let floor: Floor;
  beforeAll(async () => {
    floor = await openFloor({ lockstep: false });
  });
  afterAll(() => floor.stop());

  const role = (identity: Identity, steps: readonly MqttStep[]): MqttRole => ({
    ...{
      role: identity.kind,
      clientId: clientIdOf(identity),
      credential: floor.pki.issue({ identity }),
      steps,
    },
  });
  const at = (): Omit<MqttProbe, 'roles' | 'witnesses'> => ({
    ...{ kind: 'mqtt', over: 'tls', from: '127.20.0.7', to: '127.0.0.1', port: floor.broker.port },
  });
  const outcomes = async (probe: MqttProbe) =>
    (await probeMqtt(probe)).results.map(({ does, topics, outcome, detail }) =>
      [does, topics, outcome, detail].filter((word) => word !== '').join(' '),
    );

  it('tell what a role may read and say, and by what it was denied', async () => {
    const steps = [
      read('command', 'pumps/PROBE-01/command'),
      read('command of others', 'pumps/+/command'),
      write('telemetry', 'pumps/PROBE-01/telemetry'),
      write('command', 'pumps/PROBE-01/command'),
      write('alarm', 'pumps/PROBE-01/alarm'),
    ];
    expect(await outcomes({ ...at(), roles: [role(PUMP, steps)], witnesses: [] })).toEqual([
      'connect allowed CONNACK 0',
      'subscribe command allowed SUBACK 0x01',
      'subscribe command of others denied SUBACK 0x80',
      'publish telemetry allowed PUBACK',
      'publish command denied hung up before PUBACK',
      'publish alarm allowed PUBACK',
    ]);
  });

  it('believe PUBACK only where a witness got the message, if there is one', async () => {
    const witness = {
      ...{
        name: 'watch',
        clientId: clientIdOf(OBSERVER),
        credential: floor.pki.issue({ identity: OBSERVER }),
      },
      filters: ['pumps/+/telemetry'],
    };
    const steps = [
      write('telemetry', 'pumps/PROBE-01/telemetry', 'watch'),
      write('ack', 'pumps/PROBE-01/ack', 'watch'),
    ];
    expect(await outcomes({ ...at(), roles: [role(PUMP, steps)], witnesses: [witness] })).toEqual([
      'connect allowed CONNACK 0',
      'publish telemetry allowed PUBACK, and delivered',
      // The witness did not subscribe to it: as good as not delivered.
      'publish ack denied PUBACK, and silently not delivered',
    ]);
  });

  it('tell by what a session was denied', async () => {
    const { clientId: _, ...other } = role(PUMP, []);
    expect(
      await outcomes({ ...at(), roles: [{ ...other, clientId: 'observer:PROBE-02' }], witnesses: [] }),
    ).toEqual(['connect denied CONNACK 2: identifier rejected']);
    const nobody = { role: 'none', clientId: 'pump:PROBE-01', steps: [] };
    expect(await outcomes({ ...at(), roles: [nobody], witnesses: [] })).toEqual([
      expect.stringMatching(/^connect denied (?:TLS: )?hung up/),
    ]);
    expect(await outcomes({ ...at(), port: await freePort(), roles: [nobody], witnesses: [] })).toEqual([
      'connect unreachable ECONNREFUSED',
    ]);
  });
});

describe('probes of MQTT at a broker that is none', () => {
  async function served(answer: (packet: Packet) => Packet | undefined): Promise<MqttProbe> {
    const server = createServer((socket) => {
      const reading = parser({ protocolVersion: 4 });
      reading.on('packet', (packet: Packet) => {
        const said = answer(packet);
        if (said === undefined) socket.destroy();
        else socket.write(generate(said));
      });
      socket.on('data', (bytes) => reading.parse(bytes));
      socket.on('error', () => undefined);
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const roles = [
      { role: 'pump', clientId: 'pump:PROBE-01', steps: [write('event', 'pumps/PROBE-01/event')] },
    ];
    return { kind: 'mqtt', over: 'plaintext', to: '127.0.0.1', port, roles, witnesses: [] };
  }

  it('say so where nothing understands it', async () => {
    const probe = await served(() => ({ cmd: 'pingresp' }));
    const { results } = await probeMqtt(probe);
    expect(results).toMatchObject([{ outcome: 'denied', detail: 'no answer before CONNACK' }]);
  });

  it('go on with the next step where a session cannot be had again', async () => {
    let sessions = 0;
    const probe = await served(({ cmd }) => {
      if (cmd !== 'connect') return undefined;
      sessions += 1;
      return { cmd: 'connack', returnCode: sessions === 1 ? 0 : 3, sessionPresent: false };
    });
    const { results } = await probeMqtt({
      ...probe,
      roles: probe.roles.map((one) => ({ ...one, steps: [...one.steps, ...one.steps] })),
    });
    expect(results.map(({ detail }) => detail)).toEqual([
      'CONNACK 0',
      'hung up before PUBACK',
      'no new session: CONNACK 3: server unavailable',
    ]);
  });
});
