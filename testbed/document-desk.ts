import { z } from 'zod';
import {
  type CertificateJudge,
  libraryCeiling,
  PumprangeError,
  parseUrn,
  urnSchema,
} from '../protocol/index.ts';
import type { PumpServer } from '../pump-server/index.ts';
import { type ControlMethods, InvalidParamsError } from './control-port.ts';

/** `by`: who transfers it. */
const releaseRequest = z.strictObject({
  document: z.discriminatedUnion('document', [libraryCeiling]),
  by: urnSchema,
});

/** What a control port may do with documents that say all themselves. What a release is worth the signatures say. */
export function documentMethods(server: PumpServer, judge: CertificateJudge): ControlMethods {
  return {
    'document.release': (params) => {
      const parsed = releaseRequest.safeParse(params);
      if (!parsed.success) {
        const issue = parsed.error.issues[0];
        const place = issue?.path.map(String).join('.').slice(0, 64) || 'params';
        throw new InvalidParamsError(`${place}: ${issue?.message.slice(0, 160)}`);
      }
      const { document, by } = parsed.data;
      if (parseUrn(by)?.kind !== 'biomed') {
        throw new PumprangeError('PR_RELEASE_INVALID', `${by} is no biomedical engineer, who alone transfer`);
      }
      server.releaseApprovedDocument(document, judge, by);
      return { document: document.document, sequence: document.sequence };
    },
  };
}
