export type { Clock, Timer } from './clock.ts';
export { HeapClock } from './heap-clock.ts';
export { QuietWire, WireNotQuietError } from './quiet/quiet-wire.ts';
export { type Settling, unsettled, type WatchedSocket } from './quiet/settling.ts';
export { type Random, seededRandom } from './random.ts';
export { followWall } from './wall-driver.ts';
