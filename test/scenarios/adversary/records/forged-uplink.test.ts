import { expect, test } from 'vitest';
import {
  alarmMessage,
  Composer,
  eventMessage,
  parseSerial,
  statusMessage,
  telemetryMessage,
} from '../../../../protocol/index.ts';
import { forgeriesOf, type Say } from '../../../../scenarios/adversary/records/forged-uplink.ts';
import { heardOfPump } from '../../../../scenarios/adversary/records/heard-of-pump.ts';

const SERIAL = parseSerial('LVP-0001')!;
const SCHEMAS = {
  status: statusMessage,
  telemetry: telemetryMessage,
  alarm: alarmMessage,
  event: eventMessage,
};
const said = new Composer({ kind: 'pump', id: SERIAL }, 'boot-7', () => 0);
const captured = (kind: string, seq: number, body: object = {}) => ({
  topic: `pumps/${SERIAL}/${kind}`,
  payload: Buffer.from(JSON.stringify(said.compose(kind, body, { seq }))),
});
const NOTHING = heardOfPump(SERIAL, []);

test.each<Say>([
  { what: 'all-well' },
  { what: 'alarm', alarm: 'air-in-line', change: 'cleared' },
  { what: 'event', event: 'infusion-complete' },
])('what is forged follows the schema, even by somebody who has heard nothing: %j', (say) => {
  for (const { topic, seq, body } of forgeriesOf(say, NOTHING, 0)) {
    const message = said.compose(topic, body, { seq });
    expect(SCHEMAS[topic].safeParse(message).error).toBeUndefined();
  }
});

test('a forger goes on with the numbers and the boot that were heard last; alarms and events share theirs', () => {
  const heard = heardOfPump(SERIAL, [
    captured('alarm', 3),
    captured('event', 4),
    captured('telemetry', 9),
    captured('status', 2),
    { topic: 'pumps/LVP-0002/event', payload: Buffer.from('{"bootId":"other","seq":90}') },
    { topic: `pumps/${SERIAL}/event`, payload: Buffer.from('not JSON') },
  ]);
  expect(heard.bootId).toBe('boot-7');
  expect([heard.next('log'), heard.next('telemetry'), heard.next('status')]).toEqual([5, 10, 3]);
  expect(NOTHING.next('log')).toBe(0);
});

test('all is well on every channel that was heard of, with the rate that it had', () => {
  const channel = {
    ...{ channel: 'B', therapy: 'stopped', drug: 'heparin', rateMlPerH: 7, deliveredMl: 1 },
    ...{ volumeToBeInfusedMl: 2, reservoirMl: 3, pressureMmHg: 500 },
  };
  const heard = heardOfPump(SERIAL, [captured('telemetry', 0, { channels: [channel] })]);
  const [, telemetry] = forgeriesOf({ what: 'all-well' }, heard, 0);
  expect(telemetry?.body).toMatchObject({ channels: [{ channel: 'B', therapy: 'infusing', rateMlPerH: 7 }] });
});
