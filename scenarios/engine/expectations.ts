import type { Expectation } from '../format/measures.ts';
import { evaluateMessagesReceived, evaluateStepOutcome } from './measures/access.ts';
import { evaluateDeliveryUnchanged, evaluateHarm, evaluatePumpRate } from './measures/delivery.ts';
import { evaluateLogRecords, evaluateOcclusionLimit, evaluateSecretsDisclosed } from './measures/device.ts';
import {
  evaluateDetection,
  evaluateEvidence,
  evaluateNoFalseAlerts,
  evaluateRefusals,
} from './measures/evidence.ts';
import type { Finding } from './measures/finding.ts';
import { evaluateServicesReached } from './measures/network.ts';
import { evaluateOutOfTouch } from './measures/outage.ts';
import { evaluateAlarmCount, evaluateUplinkComplete } from './measures/records.ts';
import { evaluateState } from './measures/state.ts';
import {
  evaluateAlarmsLate,
  evaluateAlarmsMissed,
  evaluateEvidenceLost,
  evaluateRecordsAltered,
  evaluateRecordsRead,
} from './measures/supervision.ts';
import type { Observation } from './observation.ts';

/** An expectation, judged. */
export interface JudgedExpectation extends Finding {
  readonly id: string;
  readonly what: string;
}

/** Judges one expectation by what was seen of a run, and by nothing else. */
export function judge(expectation: Expectation, observation: Observation): JudgedExpectation {
  const { id, what } = expectation;
  return { id, what, ...findingOf(expectation, observation) };
}

function findingOf(expectation: Expectation, observation: Observation): Finding {
  switch (expectation.measure) {
    case 'pump-rate':
      return evaluatePumpRate(expectation, observation);
    case 'delivered-over-order':
    case 'delivered-under-order':
      return evaluateHarm(expectation, observation);
    case 'delivery-unchanged':
      return evaluateDeliveryUnchanged(expectation, observation);
    case 'therapy-state':
    case 'library-in-use':
    case 'library-pending':
    case 'configuration-in-use':
    case 'firmware-running':
    case 'exposed-to':
    case 'supervision':
      return evaluateState(expectation, observation);
    case 'out-of-touch':
      return evaluateOutOfTouch(expectation, observation);
    case 'alarm-count':
      return evaluateAlarmCount(expectation, observation);
    case 'uplink-complete':
      return evaluateUplinkComplete(expectation, observation);
    case 'occlusion-limit':
      return evaluateOcclusionLimit(expectation, observation);
    case 'secrets-disclosed':
      return evaluateSecretsDisclosed(expectation, observation);
    case 'services-reached':
      return evaluateServicesReached(expectation, observation);
    case 'log-records':
      return evaluateLogRecords(expectation, observation);
    case 'refusals':
      return evaluateRefusals(expectation, observation);
    case 'evidence':
      return evaluateEvidence(expectation, observation);
    case 'detection':
      return evaluateDetection(expectation, observation);
    case 'no-false-alerts':
      return evaluateNoFalseAlerts(observation);
    case 'step-outcome':
      return evaluateStepOutcome(expectation, observation);
    case 'records-read':
      return evaluateRecordsRead(expectation, observation);
    case 'alarms-missed':
      return evaluateAlarmsMissed(expectation, observation);
    case 'alarms-late':
      return evaluateAlarmsLate(expectation, observation);
    case 'records-altered':
      return evaluateRecordsAltered(expectation, observation);
    case 'evidence-lost':
      return evaluateEvidenceLost(expectation, observation);
    case 'messages-received':
      return evaluateMessagesReceived(expectation, observation);
  }
}
