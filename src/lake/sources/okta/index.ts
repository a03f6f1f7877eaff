/** Okta System Log: what people and programs did with the identity provider of the company. */
import type { Source } from '../contract.ts';
import { asObject, hasTexts, jsonObject } from '../json-record.ts';
import { lowerCaseSpellings } from '../spellings.ts';

const paths = [
  'actor.alternateId',
  'actor.displayName',
  'actor.id',
  'actor.type',
  'authenticationContext.credentialProvider',
  'authenticationContext.credentialType',
  'authenticationContext.externalSessionId',
  'client.device',
  'client.geographicalContext.city',
  'client.geographicalContext.country',
  'client.id',
  'client.ipAddress',
  'client.userAgent.browser',
  'client.userAgent.os',
  'client.userAgent.rawUserAgent',
  'client.zone',
  'debugContext.debugData.behaviors',
  'debugContext.debugData.requestId',
  'debugContext.debugData.requestUri',
  'debugContext.debugData.risk',
  'debugContext.debugData.threatSuspected',
  'debugContext.debugData.url',
  'displayMessage',
  'eventType',
  'legacyEventType',
  'outcome.reason',
  'outcome.result',
  'securityContext.asNumber',
  'securityContext.asOrg',
  'securityContext.domain',
  'securityContext.isProxy',
  'securityContext.isp',
  'severity',
  'target.alternateId',
  'target.displayName',
  'target.id',
  'target.type',
  'transaction.id',
  'transaction.type',
  'uuid',
];

export const okta = {
  id: 'okta',
  title: 'Okta System Log',
  docs: 'https://developer.okta.com/docs/reference/api/system-log/',
  framing: 'json',
  recognise(record) {
    const event = jsonObject(record);
    return (
      event !== undefined &&
      hasTexts(event, 'eventType', 'published', 'uuid') &&
      asObject(event.actor) !== undefined
    );
  },
  sigma: [
    {
      product: 'okta',
      service: 'okta',
      fields: {
        kind: 'json',
        aliases: lowerCaseSpellings(paths),
      },
    },
  ],
} as const satisfies Source;
