/** GitHub's audit log as it is streamed. The company mirrors a few open projects there; the intruder never came. */
import { mixed } from '../rhythm.ts';
import type { Log } from '../stream.ts';
import { attendanceOf, diceOf, oneFile, quoted, type World } from './world.ts';

interface GitHubEvent {
  action: string;
  kind: 'access' | 'create' | 'modify';
  actor: string;
  actorId: number;
  ip: string;
  country: string;
  repository: string;
  agent: string;
}

const usual: readonly [action: string, kind: GitHubEvent['kind']][] = [
  ['git.fetch', 'access'],
  ['git.clone', 'access'],
  ['git.push', 'modify'],
  ['pull_request.create', 'create'],
  ['pull_request.merge', 'modify'],
  ['workflows.completed_workflow_run', 'modify'],
  ['repo.download_zip', 'access'],
];

export function gitHubLog(world: World): Log<GitHubEvent> {
  const dice = diceOf(world, 'github');
  const ids = diceOf(world, 'github:ids');
  const people = attendanceOf(world, dice);
  return {
    id: 'github',
    source: 'github-audit',
    share: 0.015,
    rhythm: mixed(0.3),
    path: oneFile('github/audit.ndjson'),
    benign: (at) => {
      const person = people.at(at);
      const [action, kind] = dice.pick(usual);
      return {
        action,
        kind,
        actor: person.login.replace('.', '-'),
        actorId: 9_000_000 + person.bitbucketId,
        ip: person.ip,
        country: person.country,
        repository: `corp-example/${dice.pick(['sdk', 'cli', 'docs', 'terraform-provider', 'website'])}`,
        agent: 'git/2.42.0',
      };
    },
    write: (one, at) =>
      `{"@timestamp":${at},"_document_id":"${ids.hex32()}","action":"${one.action}","actor":"${one.actor}","actor_id":${one.actorId},"actor_ip":"${one.ip}","actor_is_bot":false,"actor_location":{"country_code":"${one.country}"},` +
      `"business":"corp-example","business_id":4711,"created_at":${at},"operation_type":"${one.kind}","org":"corp-example","org_id":8150,"repo":"${one.repository}","repository":"${one.repository}","public_repo":true,"user_agent":${quoted(one.agent)}}`,
  };
}
