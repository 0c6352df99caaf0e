import { z } from 'zod';
import {
  type CertificateJudge,
  deviceConfiguration,
  libraryCeiling,
  PumprangeError,
  parseUrn,
  urnSchema,
} from '../protocol/index.ts';
import type { PumpServer } from '../pump-server/index.ts';
import { type ControlMethods, InvalidParamsError } from './control-port.ts';

/** `by`: who transfers it. */
const releaseRequest = z.strictObject({
  document: z.discriminatedUnion('document', [libraryCeiling, deviceConfiguration]),
  by: urnSchema,
});

/** Pumps from this place on, in the order of their serial numbers. */
const adoptionRequest = z.strictObject({ from: z.int().nonnegative() });
/** Rows of a page, so that its line is short enough. */
const PUMPS_A_PAGE = 100;

export const configurationRowSchema = z.strictObject({
  serial: z.string(),
  model: z.string(),
  careArea: z.string(),
  link: z.enum(['online', 'offline']),
  /** Version that the pump says it goes by; `null`: as its model comes. */
  configuration: z.string().nullable(),
  /** Version that is released for this pump now; `null`: none is. */
  released: z.string().nullable(),
  standing: z.enum(['current', 'behind']),
});
export type ConfigurationRow = z.infer<typeof configurationRowSchema>;

/** What a control port may do with documents that say all themselves. What a release is worth the signatures say. */
export function documentMethods(server: PumpServer, judge: CertificateJudge): ControlMethods {
  return {
    'document.release': (params) => {
      const { document, by } = read(releaseRequest, params);
      if (parseUrn(by)?.kind !== 'biomed') {
        throw new PumprangeError('PR_RELEASE_INVALID', `${by} is no biomedical engineer, who alone transfer`);
      }
      server.releaseApprovedDocument(document, judge, by);
      return { document: document.document, sequence: document.sequence };
    },
    'document.adoption': (params) => {
      const { from } = read(adoptionRequest, params);
      const rows = configurationRows(server);
      return { pumps: rows.slice(from, from + PUMPS_A_PAGE), pumpsInAll: rows.length };
    },
  };
}

/** What each pump says of its configuration, against what is released for it. */
function configurationRows(server: PumpServer): readonly ConfigurationRow[] {
  return server
    .inventory()
    .flatMap(({ serial, status }): ConfigurationRow[] => {
      if (status === null) return [];
      const { model, careArea, link, configuration = null } = status;
      const document = server.currentDocument('device-configuration', careArea);
      const released =
        document?.document === 'device-configuration' && document.models.includes(model)
          ? document.configurationVersion
          : null;
      const standing = released === null || released === configuration ? 'current' : 'behind';
      return [{ serial, model, careArea, link, configuration, released, standing }];
    })
    .sort((a, b) => (a.serial < b.serial ? -1 : 1));
}

/** @throws InvalidParamsError with the place */
function read<S extends z.ZodType>(schema: S, params: unknown): z.output<S> {
  const parsed = schema.safeParse(params);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const place = issue?.path.map(String).join('.').slice(0, 64) || 'params';
  throw new InvalidParamsError(`${place}: ${issue?.message.slice(0, 160)}`);
}
