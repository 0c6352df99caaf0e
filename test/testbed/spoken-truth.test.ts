import { beforeEach, expect, test } from 'vitest';
import { SpokenTruth } from '../../testbed/spoken-truth.ts';

const TELEMETRY = 'pumps/LVP-0001/telemetry';
const ALARM = 'pumps/LVP-0001/alarm';
let truth: SpokenTruth;
const said = { bootId: 'boot-1', seq: 4, body: { a: 1, b: [{ c: 2, d: 3 }] } };

beforeEach(() => {
  truth = new SpokenTruth();
  truth.said(TELEMETRY, JSON.stringify(said));
  truth.said(ALARM, JSON.stringify(said));
});

const forgeries = () => truth.forgeries().map(({ by, topic }) => `${by} ${topic}`);

test('what a pump said is no forgery, in whatever order its members come, and for each receiver', () => {
  truth.believed('pump-server', TELEMETRY, said, 0);
  truth.believed('nurse-station', TELEMETRY, { ...said, body: { b: [{ d: 3, c: 2 }], a: 1 } }, 0);
  truth.believed('pump-server', ALARM, said, 0);
  truth.believed('pump-server', ALARM, said, 0);
  expect(forgeries()).toEqual([]);
});

test('what is refused, since there is a record of that number, is believed by nobody', () => {
  truth.believed('pump-server', ALARM, { ...said, body: {} }, 0, () => true);
  expect(forgeries()).toEqual([]);
  truth.believed('pump-server', ALARM, { ...said, body: {} }, 0, () => false);
  expect(forgeries()).toHaveLength(1);
});

test('another body, number, boot or topic is a forgery, and so is telemetry that comes a second time', () => {
  truth.believed('pump-server', ALARM, { ...said, body: {} }, 0);
  truth.believed('pump-server', ALARM, { ...said, seq: 5 }, 0);
  truth.believed('pump-server', ALARM, { ...said, bootId: 'boot-2' }, 0);
  truth.believed('pump-server', 'pumps/LVP-0002/alarm', said, 0);
  expect(forgeries()).toHaveLength(4);
  truth.believed('nurse-station', TELEMETRY, said, 0);
  truth.believed('nurse-station', TELEMETRY, said, 0);
  expect(forgeries().slice(4)).toEqual([`nurse-station ${TELEMETRY}`]);
});
