export { exportCredential, openPki, type Pki } from '../pki/index.ts';
export { COMPONENTS, type ComponentName, startComponent } from './components.ts';
export { openControlPort } from './control-port.ts';
export { checkLibrary, loadShippedPostures, loadWardData, type WardData } from './data.ts';
export { DEFAULT_DIR, environment, HOUSE } from './environment.ts';
export { checkEvidence } from './evidence-check.ts';
export { writeFileWhole } from './files.ts';
export { examineMachine, type MachineFinding } from './machine.ts';
export {
  type Exercise,
  loadExercise,
  type RunOutcome,
  type RunSelection,
  runScenarios,
} from './rehearsals.ts';
export { startWard, type Ward, type WardOptions, type WardRow } from './ward.ts';
