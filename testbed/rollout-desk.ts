import { z } from 'zod';
import {
  type CertificateJudge,
  type FirmwareManifest,
  firmwareManifest,
  PumprangeError,
  parseUrn,
  rolloutPlanSchema,
  serialSchema,
  urnSchema,
} from '../protocol/index.ts';
import { checkAccepted, type PumpServer, progressOf, type SignedFirmware } from '../pump-server/index.ts';
import type { ControlMethods } from './control-port.ts';
import { readParams } from './read-params.ts';

/** A line of the control port has 64 KiB, and base64 makes four bytes of three. */
export const FIRMWARE_PART_BYTES = 36 * 1024;
/** The largest package that a pump has room for, and what surrounds it; an update and what ran before. */
const LARGEST_PACKAGES_BYTES = 130 * 1024 * 1024;

const digest = z.string().regex(/^[0-9a-f]{64}$/);
/** Appends to the package of a digest, which this connection is about to use. */
const partRequest = z.strictObject({
  digest,
  content: z.base64().max(Math.ceil(FIRMWARE_PART_BYTES / 3) * 4),
});
const releaseRequest = z.strictObject({
  manifest: firmwareManifest,
  by: urnSchema,
  /** Serial numbers; absent: all of the model. */
  wave: z.array(serialSchema).min(1).optional(),
});
const beginRequest = z.strictObject({
  plan: rolloutPlanSchema,
  update: firmwareManifest,
  /** What is offered when it is backed out. */
  previous: firmwareManifest.optional(),
  by: urnSchema,
});
const orderRequest = z.strictObject({
  rollout: z.string(),
  order: z.enum(['pause', 'resume', 'abort', 'back-out']),
  by: urnSchema,
});

/**
 * What one connection to a control port may do with firmware: release a package, begin a rollout and steer it. Packages come in parts, because
 * a line of the port is short. The server takes only what a vendor signed and biomedical engineering accepted; pumps judge it all again.
 */
export function rolloutMethods(
  server: PumpServer,
  judge: CertificateJudge,
  nowMs: () => number,
): ControlMethods {
  const packages = new Map<string, Buffer[]>();
  let bytes = 0;
  const taken = (manifest: FirmwareManifest): SignedFirmware => {
    const packageBytes = Buffer.concat(packages.get(manifest.digest) ?? []);
    bytes -= packageBytes.length;
    packages.delete(manifest.digest);
    checkAccepted(manifest, judge, nowMs());
    return { manifest, packageBytes };
  };
  const engineer = (urn: string): string => {
    const who = parseUrn(urn);
    if (who?.kind === 'biomed') return who.id;
    throw new PumprangeError('PR_USAGE', `${urn} is no biomedical engineer, who alone update pumps`);
  };
  return {
    'firmware.part': (params) => {
      const { digest: name, content } = readParams(partRequest, params);
      const part = Buffer.from(content, 'base64');
      if (bytes + part.length > LARGEST_PACKAGES_BYTES) {
        packages.clear();
        bytes = 0;
        throw new PumprangeError(
          'PR_RELEASE_INVALID',
          `more than ${LARGEST_PACKAGES_BYTES} bytes of packages`,
        );
      }
      bytes += part.length;
      packages.set(name, [...(packages.get(name) ?? []), part]);
      return { bytes };
    },
    'firmware.release': (params) => {
      const { manifest, by, wave } = readParams(releaseRequest, params);
      engineer(by);
      server.checkNoRollout(manifest.model);
      server.releaseFirmware(taken(manifest), { by, ...(wave && { wave }) });
      return { model: manifest.model, firmwareVersion: manifest.firmwareVersion };
    },
    'rollout.begin': (params) => {
      const { plan, update, previous, by } = readParams(beginRequest, params);
      engineer(by);
      return progressOf(
        server.beginRollout(plan, {
          by,
          update: taken(update),
          ...(previous && { previous: taken(previous) }),
        }),
      );
    },
    'rollout.order': (params) => {
      const { rollout, order, by } = readParams(orderRequest, params);
      return progressOf(server.orderRollout(rollout, order, engineer(by)));
    },
    'rollout.status': () => server.rollouts().map(progressOf),
  };
}
