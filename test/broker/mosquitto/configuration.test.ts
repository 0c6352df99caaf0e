import { expect, test } from 'vitest';
import { mosquittoAccessRules, mosquittoConfiguration } from '../../../broker/index.ts';
import { CONTROL_IDS, type ControlId } from '../../../protocol/index.ts';

const configuration = (controls: readonly ControlId[]): string =>
  mosquittoConfiguration({
    ...{ host: '127.0.0.1', port: 8883, plaintextPort: 1883, dir: '/ward/mosquitto', user: 'nobody' },
    controls: new Set(controls),
  });
const without = (...ids: ControlId[]) => configuration(CONTROL_IDS.filter((id) => !ids.includes(id)));

/** Control → the setting that is there for it and goes with it. */
test.each<readonly [ControlId, string]>([
  ['topic-authorization', 'acl_file /ward/mosquitto/access.acl'],
  ['certificate-revocation', 'crlfile /ward/mosquitto/crls.pem'],
  ['identity-binding', 'use_username_as_clientid true'],
  ['modern-tls', 'tls_version tlsv1.2'],
  ['rate-limit', 'max_packet_size 525312'],
  ['session-quota', 'max_queued_messages 20000'],
])('%s is a line, and off means absent', (control, line) => {
  expect(without().split('\n')).toContain(line);
  expect(without(control)).not.toContain(line.split(' ')[0]);
});

test('without mutual-tls nobody is asked for a certificate, and a second listener speaks in the clear', () => {
  expect(without('mutual-tls', 'topic-authorization').split('\n')).toEqual(
    expect.arrayContaining(['require_certificate false', 'listener 1883 127.0.0.1', 'allow_anonymous true']),
  );
  expect(without()).not.toMatch(/listener 1883|allow_anonymous true/);
});

test('topics cannot be authorised where nobody shows who they are', () => {
  expect(() => without('mutual-tls')).toThrow(expect.objectContaining({ code: 'PR_BROKER_POSTURE' }));
});

test('whoever has no rights has no section', () => {
  const text = mosquittoAccessRules({
    identities: [
      { kind: 'nurse', id: 'nurse-01' },
      { kind: 'vendor', id: 'vendor-01' },
    ],
  });
  expect(text).not.toContain('nurse');
  expect(text.split('\n').slice(1)).toEqual([
    '',
    'user urn:pumprange:vendor:vendor-01',
    'topic read firmware/+/release',
    'topic read pumps/+/status',
    '',
  ]);
});
