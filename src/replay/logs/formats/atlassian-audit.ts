/**
 * Audit files of Jira, Confluence and Bitbucket Data Center (`auditType`, an event a line).
 * https://confluence.atlassian.com/adminjiraserver/auditing-in-jira-938847740.html
 */
import { quoted } from './world.ts';

export interface AuditEvent {
  action: string;
  key: string;
  category: string;
  categoryKey: string;
  area: string;
  level: 'BASE' | 'ADVANCED' | 'FULL';
  author: { id: string; name: string; type: string };
  /** Empty for what the system does itself. */
  ip: string;
  objects: readonly { id?: string; name: string; type: string }[];
  changes?: readonly { key: string; i18n: string; from?: string; to?: string }[];
  extra?: readonly { name: string; i18n: string; value: string }[];
  method?: 'Browser' | 'System';
}

/** The line, without whitespace as the products write it. */
export function auditLine(system: string, event: AuditEvent, at: number): string {
  const objects = event.objects.map(
    ({ id, name, type }) =>
      `{${id === undefined ? '' : `"id":"${id}",`}"name":${quoted(name)},"type":"${type}"}`,
  );
  const changes = (event.changes ?? []).map(
    ({ key, i18n, from, to }) =>
      `{${from === undefined ? '' : `"from":${quoted(from)},`}"i18nKey":"${i18n}","key":"${key}"${to === undefined ? '' : `,"to":${quoted(to)}`}}`,
  );
  const extra = (event.extra ?? []).map(
    ({ name, i18n, value }) => `{"name":"${name}","nameI18nKey":"${i18n}","value":${quoted(value)}}`,
  );
  const { author, ip } = event;
  return (
    `{"affectedObjects":[${objects.join(',')}],"auditType":{"action":"${event.action}","actionI18nKey":"${event.key}","area":"${event.area}",` +
    `"category":"${event.category}","categoryI18nKey":"${event.categoryKey}","level":"${event.level}"},` +
    `"author":{"id":"${author.id}","name":"${author.name}","type":"${author.type}"},"changedValues":[${changes.join(',')}],"extraAttributes":[${extra.join(',')}],` +
    `"method":"${event.method ?? 'Browser'}",${ip === '' ? '' : `"source":"${ip}",`}"system":"${system}",` +
    `"timestamp":{"epochSecond":${Math.floor(at / 1000)},"nano":${(at % 1000) * 1_000_000}},"version":"1.0"}`
  );
}
