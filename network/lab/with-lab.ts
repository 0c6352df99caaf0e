import { type Lab, type LabOptions, openLab } from './lab.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Has a lab for as long as something uses it. It is gone when that has ended or failed, at `SIGINT`, `SIGTERM` and `SIGHUP` (which then end the
 * process as they would have), and when the process ends by itself. After `SIGKILL`, `takeDown` removes it.
 *
 * @throws PumprangeError as {@link openLab}, and what `use` throws
 */
export async function withLab<T>(options: LabOptions, use: (lab: Lab) => Promise<T>): Promise<T> {
  const opening = openLab(options);
  const close = async (): Promise<void> => {
    const lab = await opening.catch(() => undefined);
    await lab?.close();
  };
  let isInterrupted = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (!isInterrupted)
      process.stderr.write(`interrupted by ${signal}; lab "${options.name}" is taken down\n`);
    isInterrupted = true;
    void close().finally(() => {
      unwatch();
      process.kill(process.pid, signal);
    });
  };
  let onExit = (): void => undefined;
  const unwatch = (): void => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
    process.off('exit', onExit);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    const lab = await opening;
    onExit = () => lab.closeNow();
    process.on('exit', onExit);
    return await use(lab);
  } finally {
    // What fails now does so because its processes were ended, and is nobody's news: the signal ends this one.
    if (isInterrupted) await new Promise(() => undefined);
    await close();
    unwatch();
  }
}
