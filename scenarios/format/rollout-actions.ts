import { z } from 'zod';
import { rolloutPlanSchema } from '../../protocol/index.ts';
import { firmwareContent } from './release-actions.ts';
import { idSchema } from './values.ts';
import { verb } from './verb.ts';

const { waves, gates, windows, backOutTo } = rolloutPlanSchema.shape;

export const rolloutBegin = verb(
  'rollout-begin',
  'A rollout begins: the pumps of its waves are offered an update, one wave after the other, as the gates let it.',
  {
    rollout: idSchema.describe('Its id, by which later steps speak of it.'),
    ...firmwareContent,
    waves: waves.describe('Who gets it when.'),
    gates,
    windows,
    backOutTo,
  },
);

export const rolloutOrder = verb('rollout-order', 'Somebody steers a rollout that has begun.', {
  rollout: idSchema.describe('Its id.'),
  order: z
    .enum(['pause', 'resume', 'abort', 'back-out'])
    .describe(
      'What is ordered; pause: nothing new is offered; resume: it goes on; abort: what is not applied is taken back; back-out: those that have it are offered what ran before.',
    ),
});

export const serverStop = verb(
  'server-stop',
  'The process of the pump server dies; what it has stored stays.',
  {},
);
export const serverStart = verb('server-start', 'The pump server starts again.', {
  from: z
    .enum(['store', 'backup'])
    .default('store')
    .describe('On what; store: on what it had; backup: on what it had when `server-backup` was taken last.'),
});
export const serverBackup = verb(
  'server-backup',
  'A backup of what the pump server has stored is taken.',
  {},
);
