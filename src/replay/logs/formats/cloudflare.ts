/**
 * The gateway of the company, as Cloudflare Logpush delivers it: sign-ins through Access, requests and names
 * looked up through Gateway, and the audit log of the account.
 * https://developers.cloudflare.com/logs/reference/log-fields/account/
 */
import { sha256Hex } from '../../../kernel/hash.ts';
import { credentials } from '../cast.ts';
import { mixed, officeHours } from '../rhythm.ts';
import { Stamps } from '../stamps.ts';
import type { Log } from '../stream.ts';
import { attendanceOf, diceOf, oneFile, quoted, type World } from './world.ts';

const account = 'c0ffee5ca1ab1e0ddba11dec0de5eed5';

export interface AccessRequest {
  action: 'login' | 'logout';
  allowed: boolean;
  app: string;
  /** The identity provider; `service_token` for a machine that shows a token instead. */
  connection: string;
  country: string;
  /** For a service token its name, as the account's own list of sign-ins shows it. */
  email: string;
  userUid: string;
  ip: string;
}

const apps = ['jira', 'wiki', 'bitbucket', 'grafana', 'wiki', 'jira', 'dash', 'hr'] as const;

/** A UUID made of a name, so that the same app or user has the same one everywhere. */
function uidOf(name: string): string {
  const known = uids.get(name);
  if (known !== undefined) return known;
  const hex = sha256Hex(name);
  const uid = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  uids.set(name, uid);
  return uid;
}

/** As many as there are devices, apps and policies. */
const uids = new Map<string, string>();

export function accessRequestsLog(world: World): Log<AccessRequest> {
  const dice = diceOf(world, 'cloudflare-access');
  const ids = diceOf(world, 'cloudflare-access:ids');
  const people = attendanceOf(world, dice);
  const stamps = new Stamps();
  return {
    id: 'cloudflare-access',
    source: 'cloudflare-access-requests',
    share: 0.02,
    rhythm: officeHours,
    path: oneFile('cloudflare/access_requests.ndjson'),
    benign: (at) => {
      const person = people.at(at);
      return {
        action: dice.chance(0.03) ? 'logout' : 'login',
        allowed: !dice.chance(0.012),
        app: `${dice.pick(apps)}.corp.example`,
        connection: 'okta',
        country: person.country.toLowerCase(),
        email: person.email,
        userUid: person.gatewayId,
        ip: person.ip,
      };
    },
    write: (one, at) =>
      `{"Action":"${one.action}","Allowed":${one.allowed},"AppDomain":"${one.app}","AppUUID":"${uidOf(one.app)}",` +
      `"Connection":"${one.connection}","Country":"${one.country}","CreatedAt":"${stamps.isoSeconds(at)}","Email":"${one.email}",` +
      `"IPAddress":"${one.ip}","PurposeJustificationPrompt":"","PurposeJustificationResponse":"","RayID":"${ids.hex16()}",` +
      `"TemporaryAccessApprovers":[],"TemporaryAccessDuration":0,"UserUID":"${one.userUid}"}`,
  };
}

export interface GatewayHttp {
  action: 'allow' | 'block';
  email: string;
  userId: string;
  device: string;
  ip: string;
  internalIp: string;
  host: string;
  destination: string;
  method: string;
  path: string;
  status: number;
  agent: string;
  policy: string;
}

const sites = [
  ['jira.corp.example', '/secure/Dashboard.jspa'],
  ['wiki.corp.example', '/index.action'],
  ['bitbucket.corp.example', '/dashboard'],
  ['docs.example.com', '/guide/start'],
  ['mail.example.net', '/inbox'],
  ['cdn.example.org', '/app.js'],
  ['chat.example.com', '/api/poll'],
  ['registry.example.net', '/left-pad'],
] as const;

export function gatewayHttpLog(world: World): Log<GatewayHttp> {
  const dice = diceOf(world, 'gateway-http');
  const ids = diceOf(world, 'gateway-http:ids');
  const people = attendanceOf(world, dice);
  const stamps = new Stamps();
  const statuses = [200, 200, 200, 200, 204, 302, 304, 404];
  return {
    id: 'gateway-http',
    source: 'cloudflare-gateway-http',
    share: 0.1,
    rhythm: officeHours,
    path: oneFile('cloudflare/gateway_http.ndjson'),
    benign: (at) => {
      const person = people.at(at);
      const [host, path] = dice.pick(sites);
      const blocked = dice.chance(0.004);
      return {
        action: blocked ? 'block' : 'allow',
        email: person.email,
        userId: person.gatewayId,
        device: person.device,
        ip: person.ip,
        internalIp: `10.40.${dice.below(64)}.${1 + dice.below(250)}`,
        host: blocked ? 'files.example.org' : host,
        destination: `203.0.113.${200 + dice.below(40)}`,
        method: dice.chance(0.15) ? 'POST' : 'GET',
        path,
        status: blocked ? 403 : dice.pick(statuses),
        agent: person.agent,
        policy: blocked ? 'File sharing sites' : '',
      };
    },
    write: (one, at) =>
      `{"AccountID":"${account}","Action":"${one.action}","BlockedFileHash":"","BlockedFileName":"","BlockedFileReason":"unknown","BlockedFileSize":0,"BlockedFileType":"",` +
      `"Datetime":"${stamps.isoSeconds(at)}","DestinationIP":"${one.destination}","DestinationPort":443,"DeviceID":"${uidOf(one.device)}","DeviceName":"${one.device}",` +
      `"DownloadedFileNames":[],"Email":"${one.email}","FileInfo":{},"HTTPHost":"${one.host}","HTTPMethod":"${one.method}","HTTPStatusCode":${one.status},"HTTPVersion":"HTTP/2",` +
      `"IsIsolated":false,"PolicyID":"${one.policy === '' ? '' : uidOf(one.policy)}","PolicyName":"${one.policy}","Referer":"","RequestID":"${ids.hex32()}","SourceInternalIP":"${one.internalIp}",` +
      `"SourceIP":"${one.ip}","SourcePort":${20_000 + ids.below(40_000)},"URL":${quoted(`https://${one.host}${one.path}`)},"UntrustedCertificateAction":"none","UploadedFileNames":[],` +
      `"UserAgent":${quoted(one.agent)},"UserID":"${one.userId}"}`,
  };
}

export interface GatewayDns {
  email: string;
  userId: string;
  device: string;
  ip: string;
  name: string;
  type: 'A' | 'AAAA' | 'HTTPS';
  resolved: readonly string[];
  decision: 'allowedOnNoPolicyMatch' | 'blockedRule' | 'allowedRule';
}

const typeNumbers = { A: 1, AAAA: 28, HTTPS: 65 } as const;
const names = sites.map(([host]) => host);
const dnsTypes = ['A', 'A', 'AAAA', 'HTTPS'] as const;

export function gatewayDnsLog(world: World): Log<GatewayDns> {
  const dice = diceOf(world, 'gateway-dns');
  const people = attendanceOf(world, dice);
  const stamps = new Stamps();
  return {
    id: 'gateway-dns',
    source: 'cloudflare-gateway-dns',
    share: 0.16,
    rhythm: mixed(0.3),
    path: oneFile('cloudflare/gateway_dns.ndjson'),
    benign: (at) => {
      const person = people.at(at);
      const type = dice.pick(dnsTypes);
      const name = dice.chance(0.3) ? `${dice.hex8().slice(0, 3)}.assets.example.org` : dice.pick(names);
      const blocked = dice.chance(0.003);
      return {
        email: person.email,
        userId: person.gatewayId,
        device: person.device,
        ip: person.ip,
        name: blocked ? `ads-${dice.hex8().slice(0, 4)}.example.net` : name,
        type,
        resolved: blocked || type !== 'A' ? [] : [`203.0.113.${200 + dice.below(40)}`],
        decision: blocked ? 'blockedRule' : 'allowedOnNoPolicyMatch',
      };
    },
    write: (one, at) =>
      `{"ApplicationID":0,"ColoCode":"LHR","ColoID":14,"Datetime":"${stamps.isoSeconds(at)}","DeviceID":"${uidOf(one.device)}","DeviceName":"${one.device}",` +
      `"DstIP":"203.0.113.2","DstPort":443,"Email":"${one.email}","Location":"office","LocationID":"${uidOf('office')}","MatchedCategoryIDs":[],"MatchedCategoryNames":[],` +
      `"Policy":"","PolicyID":"","Protocol":"https","QueryCategoryIDs":[26],"QueryCategoryNames":["Technology"],"QueryName":"${one.name}","QueryNameReversed":"${one.name.split('.').reverse().join('.')}",` +
      `"QuerySize":48,"QueryType":${typeNumbers[one.type]},"QueryTypeName":"${one.type}","RCode":0,"RData":[],"ResolvedIPs":${JSON.stringify(one.resolved)},"ResolverDecision":"${one.decision}",` +
      `"SrcIP":"${one.ip}","SrcPort":0,"TimeZone":"UTC","TimeZoneInferredMethod":"fromLocalTime","UserID":"${one.userId}"}`,
  };
}

export interface AccountAudit {
  action: string;
  success: boolean;
  email: string;
  ip: string;
  resource: string;
  resourceId: string;
  metadata: string;
}

const changes = ['dns_record', 'access_policy', 'page_rule', 'gateway_rule', 'worker_script'] as const;

export function accountAuditLog(world: World): Log<AccountAudit> {
  const dice = diceOf(world, 'cloudflare-audit');
  const ids = diceOf(world, 'cloudflare-audit:ids');
  const people = attendanceOf(world, dice);
  const stamps = new Stamps();
  return {
    id: 'cloudflare-audit',
    source: 'cloudflare-audit-logs',
    share: 0.001,
    rhythm: officeHours,
    path: oneFile('cloudflare/audit_logs.ndjson'),
    benign: (at) => {
      const person = people.at(at);
      const resource = dice.pick(changes);
      return {
        action: 'update',
        success: true,
        email: person.email,
        ip: person.ip,
        resource,
        resourceId: dice.hex32(),
        metadata: '{}',
      };
    },
    write: (one, at) =>
      `{"ActionResult":${one.success},"ActionType":"${one.action}","ActorEmail":"${one.email}","ActorID":"${uidOf(one.email).replaceAll('-', '')}","ActorIP":"${one.ip}","ActorType":"user",` +
      `"ID":"${ids.uuid()}","Interface":"UI","Metadata":${one.metadata},"NewValue":{},"OldValue":{},"OwnerID":"${account}","ResourceID":"${one.resourceId}","ResourceType":"${one.resource}","When":"${stamps.isoSeconds(at)}"}`,
  };
}

/** The service token's own id, where a user's stands for people. */
export const serviceTokenUid = uidOf(credentials.moveworks);
