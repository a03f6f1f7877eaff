/** 22 and 23 November: 120 repositories are looked at, and 76 of them taken with git archive to the Atlassian server. */
import { accounts, hosts, type Repository } from '../cast.ts';
import type { Dice } from '../dice.ts';
import { jiraUser } from '../formats/auditd.ts';
import { browse, overHttps, overSsh } from '../formats/bitbucket-access.ts';
import { bitbucketAuthor, repositoryAccessed } from '../formats/bitbucket-audit.ts';
import { moment } from '../stamps.ts';
import { type Story, spread } from './deed.ts';
import { intruderAgent } from './entering.ts';
import { implantPid } from './implant.ts';
import { counts, indicators } from './schedule.ts';

export interface Taken {
  viewed: readonly Repository[];
  archived: readonly Repository[];
}

/** Which repositories: about backups, networks, identity, remote access, Terraform and Kubernetes. */
export function chooseRepositories(cast: Story['cast'], dice: Dice): Taken {
  const left = [...cast.soughtRepositories];
  const viewed = Array.from({ length: counts.viewed }, () => left.splice(dice.below(left.length), 1)).flat();
  const rest = [...viewed];
  const chosen = new Set(
    Array.from({ length: counts.archived }, () => rest.splice(dice.below(rest.length), 1)).flat(),
  );
  return { viewed, archived: viewed.filter((one) => chosen.has(one)) };
}

export function tellSourceCode(story: Story, { viewed, archived }: Taken): void {
  const { tell, dice } = story;
  const times = [
    ...spread(dice, moment('11-22 15:10'), moment('11-22 20:45'), 70),
    ...spread(dice, moment('11-23 08:35'), moment('11-23 15:20'), counts.viewed - 70),
  ];
  const who = { login: accounts.bitbucket.login, ip: indicators.address, agent: intruderAgent };
  const by = { author: bitbucketAuthor(accounts.bitbucket), ip: indicators.address };
  for (const [index, repository] of viewed.entries()) {
    const at = times[index] ?? 0;
    tell(at, 'repository-viewed', 'bitbucket-access', overHttps(who, browse(repository), at));
    tell(at + 12, 'repository-viewed', 'bitbucket-audit', repositoryAccessed(by, repository));
    if (archived.includes(repository)) archive(story, repository, at + 35_000 + dice.below(90_000));
  }
}

function archive({ tell, dice }: Story, repository: Repository, at: number): void {
  const url = `ssh://git@bitbucket.corp.example:7999/${repository.project.toLowerCase()}/${repository.slug}.git`;
  const file = `/opt/atlassian/jira/temp/.cache/${repository.slug}.tgz`;
  tell(at, 'repository-archived', 'auditd:atlassian-01', {
    kind: 'execute',
    argv: ['git', 'archive', `--remote=${url}`, '--format=tgz', '-o', file, 'HEAD'],
    exe: '/usr/bin/git',
    user: jiraUser,
    cwd: '/opt/atlassian/jira/temp',
    parent: implantPid,
  });
  const from = { login: accounts.bitbucket.login, ip: hosts['atlassian-01'] };
  tell(
    at + 400,
    'repository-archived',
    'bitbucket-access',
    overSsh(from, 'git-upload-archive', repository, 'archive', 200_000 + dice.below(30_000_000)),
  );
}
