import { withLab } from '../../../network/lab/index.ts';
import { openOptions } from '../../helpers/lab.ts';

/** Has a lab, with a process in it, until it is ended in some way. */
const [name = '', how] = process.argv.slice(2);
await withLab(openOptions(name), async (lab) => {
  lab.beforeClose(async () => void process.stdout.write('farewell\n'));
  const sleeper = lab.spawn({ zone: 'guest', side: 'assets' }, ['sleep', '1000'], { stdio: 'ignore' });
  process.stdout.write('up\n');
  if (how === 'exit') process.exit(7);
  if (how === 'throw') setImmediate(() => JSON.parse('no JSON'));
  if (how === 'lost')
    await new Promise((_, reject) => sleeper.once('close', () => reject(new Error('lost'))));
  await new Promise(() => setInterval(() => undefined, 1_000));
});
