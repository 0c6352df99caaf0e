import { concentrationText } from '../../protocol/drug-library/index.ts';
import type { Programme } from './programme.ts';

/** What a programme holds besides drug, rate and volume, in the words of the display: shown back before it is confirmed. */
export function showBack({ concentration, weightKg, loading, pca }: Programme): readonly string[] {
  return [
    ...(concentration === null ? [] : [concentrationText(concentration)]),
    ...(weightKg === null ? [] : [`weight ${weightKg} kg`]),
    ...(loading === null
      ? []
      : [`loading dose ${shownAmount(loading.volumeMl)} mL at ${shownAmount(loading.rateMlPerH)} mL/h`]),
    ...(pca === null
      ? []
      : [
          `button gives ${shownAmount(pca.demandDoseMl)} mL, locked for ${pca.lockoutMinutes} min`,
          `at most ${shownAmount(pca.accumulatedLimitMl)} mL in ${pca.accumulatedWindowHours} h`,
        ]),
  ];
}

/** A rate or a volume: up to three places, as many as it needs. */
export function shownAmount(value: number): string {
  return String(Number(value.toFixed(3)));
}

/** A dose with its unit, to four figures however small it is; `undefined` where there is none, and where the rate says it already. */
export function shownDose(dose: Programme['dose']): string | undefined {
  // A fluid's dose is its rate: it is shown once.
  if (dose === null || dose.unit === 'mL/h') return undefined;
  return `${Number(dose.value.toPrecision(4))} ${dose.unit}`;
}

/** A time in minutes as hours and minutes, rounded up. */
export function shownTime(minutes: number): string {
  // A time that is whole but for the last bits is not a minute more.
  const whole = Math.ceil(minutes - 1e-6);
  return `${Math.floor(whole / 60)} h ${String(whole % 60).padStart(2, '0')} min`;
}
