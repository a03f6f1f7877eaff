/** Okta System Log, an event a line. https://developer.okta.com/docs/reference/api/system-log/ */
import type { Person } from '../cast.ts';
import { offices } from '../cast-names.ts';
import type { Dice } from '../dice.ts';
import { officeHours } from '../rhythm.ts';
import { Stamps } from '../stamps.ts';
import type { Log } from '../stream.ts';
import { attendanceOf, diceOf, oneFile, quoted, type World } from './world.ts';

export interface OktaEvent {
  type: string;
  message: string;
  severity: 'INFO' | 'WARN';
  actor: { id: string; type: string; login: string; name: string };
  ip: string;
  /** Absent where Okta places the address nowhere. */
  place?: { city: string; country: string };
  agent: string;
  result: 'SUCCESS' | 'FAILURE' | 'DENY' | 'ALLOW';
  reason?: string;
  targets: readonly { id: string; type: string; login: string; name: string }[];
}

const countries: Readonly<Record<string, string>> = {
  GB: 'United Kingdom',
  PT: 'Portugal',
  US: 'United States',
  SG: 'Singapore',
};

export const places = offices.map(({ city, country }) => ({ city, country: countries[country] ?? country }));

const apps = ['Jira', 'Confluence', 'Bitbucket', 'AWS Account Federation', 'Google Workspace', 'Workday'].map(
  (name, index) => ({ id: `0oa${String(index).padStart(17, 'k')}`, type: 'AppInstance', login: name, name }),
);

const actorOf = (person: Person): OktaEvent['actor'] => ({
  id: person.oktaId,
  type: 'User',
  login: person.email,
  name: person.name,
});

/** Events of usual days, by how often: single sign-ons outnumber all else. */
const usual: readonly [until: number, type: string, message: string][] = [
  [0.52, 'user.authentication.sso', 'User single sign on to app'],
  [0.7, 'policy.evaluate_sign_on', 'Evaluation of sign-on policy'],
  [0.82, 'user.session.start', 'User login to Okta'],
  [0.92, 'user.authentication.auth_via_mfa', 'Authentication of user via MFA'],
  [0.97, 'user.session.end', 'User logout from Okta'],
  [0.99, 'user.account.update_password', 'User update password for Okta'],
  [1, 'user.mfa.factor.activate', 'Activate factor for user'],
];

export function oktaLog(world: World): Log<OktaEvent> {
  const dice = diceOf(world, 'okta');
  const ids = diceOf(world, 'okta:ids');
  const people = attendanceOf(world, dice);
  const stamps = new Stamps();
  return {
    id: 'okta',
    source: 'okta',
    share: 0.035,
    rhythm: officeHours,
    path: oneFile('okta/system-log.ndjson'),
    benign: (at) => usualEvent(dice, people.at(at)),
    write: (event, at) => line(ids, stamps, event, at),
  };
}

function usualEvent(dice: Dice, person: Person): OktaEvent {
  const drawn = dice.unit();
  const [, type, message] = usual.find(([until]) => drawn < until) ?? [
    1,
    'user.session.end',
    'User logout from Okta',
  ];
  const actor = actorOf(person);
  const wrong = type === 'user.session.start' && dice.chance(0.06);
  const place = places[person.office];
  return {
    type,
    message,
    severity: wrong ? 'WARN' : 'INFO',
    actor,
    ip: person.ip,
    ...(place ? { place } : {}),
    agent: person.agent,
    result: wrong ? 'FAILURE' : type === 'policy.evaluate_sign_on' ? 'ALLOW' : 'SUCCESS',
    ...(wrong ? { reason: 'INVALID_CREDENTIALS' } : {}),
    targets: type === 'user.authentication.sso' ? [dice.pick(apps)] : [actor],
  };
}

const operatingSystem = (agent: string): string =>
  agent.includes('Windows')
    ? 'Windows'
    : agent.includes('Mac')
      ? 'Mac OS X'
      : agent.includes('Linux')
        ? 'Linux'
        : 'Unknown';
const browser = (agent: string): string =>
  agent.includes('Chrome')
    ? 'CHROME'
    : agent.includes('Firefox')
      ? 'FIREFOX'
      : agent.includes('Safari')
        ? 'SAFARI'
        : 'UNKNOWN';

const party = (one: OktaEvent['actor']): string =>
  `"id":"${one.id}","type":"${one.type}","alternateId":${quoted(one.login)},"displayName":${quoted(one.name)}`;

function line(dice: Dice, stamps: Stamps, event: OktaEvent, at: number): string {
  const { ip, agent, place, reason } = event;
  const geo = place
    ? `{"city":"${place.city}","state":null,"country":"${place.country}","postalCode":null,"geolocation":null}`
    : 'null';
  const targets = event.targets.map((one) => `{${party(one)},"detailEntry":null}`).join(',');
  const request = dice.code(27, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');
  return (
    `{"actor":{${party(event.actor)},"detailEntry":null},` +
    `"client":{"userAgent":{"rawUserAgent":${quoted(agent)},"os":"${operatingSystem(agent)}","browser":"${browser(agent)}"},` +
    `"zone":"null","device":"Computer","id":null,"ipAddress":"${ip}","geographicalContext":${geo}},"device":null,` +
    `"authenticationContext":{"authenticationProvider":null,"credentialProvider":null,"credentialType":null,"issuer":null,"interface":null,"authenticationStep":0,"externalSessionId":"102${dice.hex16()}"},` +
    `"displayMessage":"${event.message}","eventType":"${event.type}",` +
    `"outcome":{"result":"${event.result}","reason":${reason ? quoted(reason) : 'null'}},"published":"${stamps.iso(at)}",` +
    `"securityContext":{"asNumber":null,"asOrg":null,"isp":null,"domain":null,"isProxy":false},"severity":"${event.severity}",` +
    `"debugContext":{"debugData":{"requestId":"${request}","requestUri":"/api/v1/authn","url":"/api/v1/authn?"}},` +
    `"legacyEventType":null,"transaction":{"type":"WEB","id":"${request}","detail":{}},"uuid":"${dice.uuid()}","version":"0",` +
    `"request":{"ipChain":[{"ip":"${ip}","geographicalContext":${geo},"version":"${ip.includes(':') ? 'V6' : 'V4'}","source":null}]},"target":[${targets}]}`
  );
}
