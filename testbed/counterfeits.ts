import { topicName } from '../protocol/index.ts';
import type { Counterfeit, SupplyAction } from '../scenarios/index.ts';
import { ReleaseMaker } from './release-maker.ts';
import type { Testbed } from './testbed.ts';

/** Beyond any sequence number that the hospital comes to in a rehearsal. */
const FAR_AHEAD = 1_000;

/** A release as somebody makes it at home, out of what is public and with the keys that he has got hold of. */
export async function counterfeit(testbed: Testbed, action: SupplyAction): Promise<Counterfeit> {
  const maker = new ReleaseMaker(testbed);
  const { sequence = FAR_AHEAD } = action;
  switch (action.do) {
    case 'publish-library': {
      const { manifest, contentBytes } = await maker.library({ ...action, sequence });
      return {
        topic: topicName({ kind: 'library-release', careArea: action.careArea }),
        type: 'library-release',
        body: { manifest },
        artifact: { digest: manifest.digest, bytes: contentBytes },
      };
    }
    case 'publish-firmware': {
      const { manifest, packageBytes } = await maker.firmware({ ...action, sequence }, action.tamper);
      const { wave } = action;
      return {
        topic: topicName({ kind: 'firmware-release', model: action.model }),
        type: 'firmware-release',
        body: { manifest, ...(wave === 'all' ? {} : { wave }) },
        artifact: { digest: manifest.digest, bytes: packageBytes },
      };
    }
    case 'publish-configuration':
      return {
        topic: topicName({ kind: 'configuration-release', careArea: action.careArea }),
        type: 'configuration-release',
        body: { configuration: await maker.configuration({ ...action, sequence }) },
      };
  }
}
