import type { RunDetail } from './rehearsal-report.ts';

/** What a run is measured by, each counted the same way in every run. */
export const FIGURES = {
  overMl: { unit: 'mL', one: 'mL', what: 'delivered over the order' },
  underMl: { unit: 'mL', one: 'mL', what: 'delivered under the order' },
  alarmsMissed: { unit: 'alarms', one: 'alarm', what: "never shown at the nurses' station" },
  pumpsReached: { unit: 'pumps', one: 'pump', what: 'on which a step of the adversary succeeded' },
  topicsReached: { unit: 'topics', one: 'topic', what: 'read by the adversary' },
  recordsRead: {
    unit: 'patients',
    one: 'patient',
    what: 'of whom the adversary read something that names them',
  },
  offlinePumpMinutes: { unit: 'pump-minutes', one: 'pump-minute', what: 'out of touch' },
  manualPumpMinutes: {
    unit: 'pump-minutes',
    one: 'pump-minute',
    what: 'off the network because the defenders took the pump off',
  },
  staffActions: { unit: 'actions', one: 'action', what: 'of the staff to end it' },
} as const satisfies Record<string, { readonly unit: string; readonly one: string; readonly what: string }>;

export type FigureId = keyof typeof FIGURES;
export type Figures = Readonly<Record<FigureId, number>>;
export const FIGURE_IDS = Object.keys(FIGURES) as [FigureId, ...FigureId[]];

/** What one run came to. */
export function figuresOf(run: RunDetail): Figures {
  const { result, reached } = run;
  const { overMl, underMl } = result.harm;
  return {
    overMl,
    underMl,
    alarmsMissed: result.attack?.harm.alarmsMissed ?? 0,
    pumpsReached: pumpsReached(run),
    topicsReached: reached.length,
    recordsRead: result.attack?.harm.recordsRead ?? 0,
    offlinePumpMinutes: result.attack?.harm.offlinePumpMinutes ?? 0,
    manualPumpMinutes: result.response?.manualPumpMinutes ?? 0,
    staffActions: result.response?.staffActions ?? 0,
  };
}

/** What is done to a pump itself, with it in hands or over a service of its own. What is published, a broker may have kept to itself. */
const AT_THE_PUMP: ReadonlySet<string> = new Set([
  'open-console',
  'upload-package',
  'extract-storage',
  'alter-storage',
  'guess-keypad',
  'change-at-bedside',
]);

/** Pumps that took something from the adversary: it was at them, or they accepted something at the instant of a step of its. */
function pumpsReached({ pumps, steps, evidence }: RunDetail): number {
  const taken = steps.filter(({ team, outcome }) => team === 'red' && outcome === 'succeeded');
  const instants = new Set(taken.map(({ atMs }) => atMs));
  const accepted = new Set(
    evidence.flatMap(({ source, event, simulatedMs }) =>
      event.endsWith('.accepted') && simulatedMs !== null && instants.has(Math.round(simulatedMs))
        ? [source]
        : [],
    ),
  );
  return pumps.filter(
    (serial) =>
      accepted.has(`pump:${serial}`) ||
      taken.some(({ verb, object }) => AT_THE_PUMP.has(verb) && object === serial),
  ).length;
}
