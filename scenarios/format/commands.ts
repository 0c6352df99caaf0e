import { z } from 'zod';
import type { CommandMessage } from '../../protocol/index.ts';
import { channelSchema, pumpSchema, rateSchema } from './values.ts';

/** What a command to a pump says: which, and the one figure that goes with it. */
export const commandFields = {
  pump: pumpSchema,
  channel: channelSchema.optional(),
  command: z
    .enum(['set-rate', 'bolus', 'set-alarm-limit', 'pause', 'identify'])
    .describe(
      'What the pump shall do. set-rate: of the running infusion, or for the next start; bolus: out of the running infusion; ' +
        'set-alarm-limit: of an occlusion.',
    ),
  rateMlPerH: rateSchema.optional().describe('For set-rate: rate that is commanded, in mL/h.'),
  volumeMl: z.number().positive().max(999).optional().describe('For bolus: its volume, in mL.'),
  occlusionLimitMmHg: z
    .number()
    .positive()
    .max(1_034)
    .optional()
    .describe('For set-alarm-limit: pressure at which an occlusion alarms, in mmHg.'),
};
const commandSchema = z.strictObject(commandFields);
export type Command = z.infer<typeof commandSchema>;

const FIGURES = {
  'set-rate': 'rateMlPerH',
  bolus: 'volumeMl',
  'set-alarm-limit': 'occlusionLimitMmHg',
} as const;

/** Whether a command has the figure that it needs and none of another. */
export function hasItsFigure(command: Command): boolean {
  const needed = command.command in FIGURES ? FIGURES[command.command as keyof typeof FIGURES] : undefined;
  return Object.values(FIGURES).every((figure) => (command[figure] !== undefined) === (figure === needed));
}

export const needsItsFigure = {
  error:
    'one with its figure (rateMlPerH for set-rate, volumeMl for bolus, occlusionLimitMmHg for set-alarm-limit) and no other',
  path: ['command'],
};

/** The body of the message that says it. @throws RangeError for a command without its figure, which no schema lets through */
export function commandBody(command: Command): CommandMessage['body'] {
  const channel = command.channel ?? 'A';
  switch (command.command) {
    case 'set-rate':
      return { command: 'set-rate', channel, rateMlPerH: given(command.rateMlPerH) };
    case 'bolus':
      return { command: 'bolus', channel, volumeMl: given(command.volumeMl) };
    case 'set-alarm-limit':
      return {
        command: 'set-alarm-limit',
        channel,
        occlusionLimitMmHg: given(command.occlusionLimitMmHg),
      };
    case 'pause':
      return { command: 'pause', channel };
    case 'identify':
      return { command: 'identify' };
  }
}

function given(figure: number | undefined): number {
  if (figure === undefined) throw new RangeError('a command without its figure');
  return figure;
}
