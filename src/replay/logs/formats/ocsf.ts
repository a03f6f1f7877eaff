/** What the endpoint agents and the alerting report, as OCSF events already. https://schema.ocsf.io/1.1.0/ */
import { type Host, hosts } from '../cast.ts';
import { mixed } from '../rhythm.ts';
import type { Log } from '../stream.ts';
import { diceOf, oneFile, quoted, type World } from './world.ts';

export type OcsfEvent =
  | {
      kind: 'process';
      host: Host;
      path: string;
      commandLine: string;
      user: string;
      pid: number;
      sha256?: string;
    }
  | { kind: 'file'; host: Host; path: string; user: string; sha256: string }
  | { kind: 'finding'; title: string; user: string; severity: number };

const product = '"metadata":{"version":"1.1.0","product":{"name":"Endpoint agent","vendor_name":"Example"}';
const programs = [
  ['/usr/sbin/cron', 'cron -f'],
  ['/usr/bin/dpkg-query', 'dpkg-query --show'],
  ['/usr/bin/python3', 'python3 /opt/inventory/report.py'],
  ['/usr/bin/systemctl', 'systemctl is-active nginx'],
] as const;

export function ocsfLog(world: World): Log<OcsfEvent> {
  const dice = diceOf(world, 'ocsf');
  const ids = diceOf(world, 'ocsf:ids');
  const names = Object.keys(hosts) as Host[];
  return {
    id: 'ocsf',
    source: 'ocsf',
    share: 0.006,
    rhythm: mixed(0.9),
    path: oneFile('endpoint/ocsf.ndjson'),
    benign: () => {
      const [path, commandLine] = dice.pick(programs);
      return {
        kind: 'process',
        host: dice.pick(names),
        path,
        commandLine,
        user: 'root',
        pid: 900 + dice.below(40_000),
      };
    },
    write: (event, at) => `{${product},"uid":"${ids.uuid()}"},"time":${at},${body(event, ids.uuid())}}`,
  };
}

function body(event: OcsfEvent, uid: string): string {
  if (event.kind === 'finding')
    return `"category_uid":2,"class_uid":2004,"activity_id":1,"type_uid":200401,"severity_id":${event.severity},"status_id":1,"message":${quoted(event.title)},"finding_info":{"uid":"${uid}","title":${quoted(event.title)}},"actor":{"user":{"name":"${event.user}"}}`;
  const device = `"device":{"hostname":"${event.host}","ip":"${hosts[event.host]}","type_id":1}`;
  if (event.kind === 'file')
    return `"category_uid":1,"class_uid":1001,"activity_id":1,"type_uid":100101,"severity_id":1,"status_id":1,${device},"actor":{"user":{"name":"${event.user}"}},"file":${file(event.path, event.sha256)}`;
  return `"category_uid":1,"class_uid":1007,"activity_id":1,"type_uid":100701,"severity_id":1,"status_id":1,${device},"actor":{"user":{"name":"${event.user}"}},"process":{"name":"${event.path.slice(event.path.lastIndexOf('/') + 1)}","pid":${event.pid},"cmd_line":${quoted(event.commandLine)},"file":${file(event.path, event.sha256)}}`;
}

const file = (path: string, sha256?: string): string =>
  `{"name":"${path.slice(path.lastIndexOf('/') + 1)}","path":"${path}","type_id":1${sha256 === undefined ? '' : `,"hashes":[{"algorithm":"SHA-256","algorithm_id":3,"value":"${sha256}"}]`}}`;
