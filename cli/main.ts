import { Command, CommanderError } from 'commander';
import { PumprangeError } from '../protocol/index.ts';
import { addBedside } from './commands/bedside.ts';
import { addBroker } from './commands/broker.ts';
import { addConfiguration } from './commands/configuration.ts';
import { addDetections } from './commands/detections.ts';
import { addDoctor } from './commands/doctor.ts';
import { addEvidence } from './commands/evidence.ts';
import { addFirmware } from './commands/firmware.ts';
import { addFleet } from './commands/fleet.ts';
import { addLibrary } from './commands/library.ts';
import { addList } from './commands/list.ts';
import { addMatrix } from './commands/matrix.ts';
import { addNetwork } from './commands/network.ts';
import { addPki } from './commands/pki.ts';
import { addPump } from './commands/pump.ts';
import { addRollout } from './commands/rollout.ts';
import { addRun } from './commands/run.ts';

import { addScenario } from './commands/scenario.ts';
import { addServe } from './commands/serve.ts';
import { addUp } from './commands/up.ts';
import { asPumprangeError, failureText } from './output/failure.ts';
import { isClosedPipe } from './output/terminal.ts';
import { VERSION } from './version.ts';

/** The `pumprange` command: parses, calls, prints, sets the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const program = new Command('pumprange')
    .description('A simulated testbed for networked infusion pumps. TRAINING, NOT FOR HUMAN USE.')
    .version(VERSION)
    .showSuggestionAfterError()
    // `--version` after a subcommand is that one's.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ outputError: () => undefined });
  let exitCode = 0;
  const done = (code: number): void => {
    exitCode = code;
  };
  addUp(program);
  addBedside(program);
  addRun(program, done);
  addMatrix(program, done);
  addDetections(program);
  addScenario(program);
  addList(program);
  addPki(program);
  addBroker(program);
  addPump(program);
  addLibrary(program);
  addFirmware(program, done);
  addRollout(program);
  addConfiguration(program);
  addEvidence(program, done);

  addFleet(program);
  addNetwork(program, done);
  addServe(program);
  addDoctor(program, done);
  inherit(program);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0 || error.code === 'commander.help')
        return error.code === 'commander.help' ? 2 : 0;
      const usage = new PumprangeError('PR_USAGE', error.message.replace(/^error: /, ''));
      process.stderr.write(failureText(usage));
      return usage.exitCode;
    }
    process.stderr.write(failureText(error));
    return asPumprangeError(error).exitCode;
  }
}

/** Subcommands take over how errors are reported. */
function inherit(command: Command): void {
  for (const child of command.commands) {
    child.copyInheritedSettings(command);
    inherit(child);
  }
}

process.stdout.on('error', (error) => {
  if (!isClosedPipe(error)) throw error;
});
process.exitCode = await main(process.argv.slice(2));
