import { loadExercise, runScenarios } from '../../testbed/index.ts';
import { figure, median } from './figure.ts';

/** Each scenario under the layered posture, and how much faster than real time that is. */
export async function scenarios(rounds: number): Promise<void> {
  const exercise = loadExercise();
  for (const { id } of exercise.scenarios) {
    const walls: number[] = [];
    let simulatedMs = 0;
    for (let round = 0; round < rounds; round++) {
      const { report } = await runScenarios(exercise, { what: [id], posture: 'layered' });
      for (const result of report.runs) {
        walls.push(result.wallMs);
        simulatedMs = result.simulatedMs;
      }
    }
    const wallMs = median(walls);
    figure(`scenario ${id}`, wallMs, 'ms', simulatedMs, 'simulated time; layered, on real TLS sockets');
    figure(`speed ${id}`, simulatedMs / wallMs, 'simulated s per real s', 1, 'real time is 1');
  }
}
