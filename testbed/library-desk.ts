import { z } from 'zod';
import {
  type CertificateJudge,
  libraryManifest,
  PumprangeError,
  parseUrn,
  urnSchema,
} from '../protocol/index.ts';
import type { PumpServer } from '../pump-server/index.ts';
import type { ControlMethods } from './control-port.ts';
import { readParams } from './read-params.ts';

/** No library is larger; readers of library files refuse more, too. */
const LARGEST_CONTENT_BYTES = 16 * 1024 * 1024;
/** A line of the control port has 64 KiB, and base64 makes four bytes of three. */
export const LARGEST_PART_BYTES = 36 * 1024;
/** Rows of a page, so that its line is short enough, too. */
const PUMPS_A_PAGE = 60;

/** Appends to what this connection is about to release. */
const partRequest = z.strictObject({ content: z.base64().max(Math.ceil(LARGEST_PART_BYTES / 3) * 4) });
/** Releases what came in parts, and forgets it. `by`: who transfers it. */
const releaseRequest = z.strictObject({ manifest: libraryManifest, by: urnSchema });
/** Pumps from this place on, in the order of their serial numbers. */
const adoptionRequest = z.strictObject({ from: z.int().nonnegative() });

/**
 * What one connection to a control port may do with libraries. Content comes in parts: a line of the port is short. Who is at the port is
 * whoever may open it; what a release is worth the signatures say.
 */
export function libraryMethods(server: PumpServer, judge: CertificateJudge): ControlMethods {
  let parts: Buffer[] = [];
  let bytes = 0;
  const take = (): Buffer => {
    const content = Buffer.concat(parts);
    parts = [];
    bytes = 0;
    return content;
  };
  return {
    'library.part': (params) => {
      const part = Buffer.from(readParams(partRequest, params).content, 'base64');
      if (bytes + part.length > LARGEST_CONTENT_BYTES) {
        take();
        throw new PumprangeError('PR_RELEASE_INVALID', `more than ${LARGEST_CONTENT_BYTES} bytes of content`);
      }
      parts.push(part);
      bytes += part.length;
      return { bytes };
    },
    'library.release': (params) => {
      const contentBytes = take();
      const { manifest, by } = readParams(releaseRequest, params);
      if (parseUrn(by)?.kind !== 'biomed') {
        throw new PumprangeError('PR_RELEASE_INVALID', `${by} is no biomedical engineer, who alone transfer`);
      }
      server.releaseApprovedLibrary({ manifest, contentBytes }, judge, by);
      const { careArea, libraryVersion, sequence } = manifest;
      return { careArea, libraryVersion, sequence };
    },
    'library.adoption': (params) => {
      const { from } = readParams(adoptionRequest, params);
      const { pumps, stragglers: _, ...report } = server.adoption();
      return { ...report, pumps: pumps.slice(from, from + PUMPS_A_PAGE), pumpsInAll: pumps.length };
    },
  };
}
