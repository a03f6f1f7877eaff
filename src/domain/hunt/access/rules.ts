/**
 * Which events read something, by the codes that the sources of the lake give them. The first rule that fits counts.
 * Where an audit log and an access log name the same thing, their keys are spelled alike.
 */
import type { AccessRule } from './types.ts';

const jira = ['jira-access', 'jira-audit', 'atlassian-cloud'];
const wiki = ['confluence-access', 'confluence-audit', 'atlassian-cloud'];
const code = ['bitbucket-access', 'bitbucket-audit'];

const says = (pattern: string): string => `match(said, '${pattern}')`;

/** A ticket by its key, wherever the log has it. */
const ticketName = '^[A-Za-z][A-Za-z0-9_]*-[0-9]+$';
const ticket = `upper(if(match(resource_uid, '${ticketName}'), resource_uid, resource_name))`;
/** A page by its number, or by its title where the log knows no more. */
const page = "if(match(resource_uid, '^[0-9]+$'), resource_uid, lower(resource_name))";
const pageTitle = "if(match(resource_name, '^[0-9]*$'), '', resource_name)";
const words = 'lower(trimBoth(query_text))';

/** PROJECT/slug in lower case; on a host, from the address that git was given. */
const repository = 'lower(resource_name)';
const inCommand =
  "lower(concat(extract(process_cmd_line, '([A-Za-z0-9_.~-]+)/[A-Za-z0-9_.~-]+?[.]git'), '/', extract(process_cmd_line, '/([A-Za-z0-9_.~-]+?)[.]git')))";
const hostLogs = ['auditd', 'linux-auth'];
const gitOnHost = (command: string): string =>
  `match(process_cmd_line, '(^|/| )git ${command}.*[^/ ]/[A-Za-z0-9_.~-]+[.]git')`;

/** What rules name and would otherwise compute again and again. */
export const accessTexts = [
  "lower(if(event_code = '' AND api_operation = '', message, concat(event_code, ' ', api_operation))) AS said",
];

const bucketObject =
  "if(position(resource_name, '/') > 0 OR resource_uid = '', if(resource_name != '', resource_name, resource_uid), concat(resource_uid, if(resource_name = '', '', '/'), resource_name))";
const anyThing = "multiIf(resource_uid != '', resource_uid, resource_name)";

export const accessRules: readonly AccessRule[] = [
  // Jira: `issue.view`, `search.search`, `attachment.download` of its access log; audit logs say it in other words.
  {
    sources: jira,
    act: 'exported',
    type: 'ticket list',
    where: says('export'),
    key: "multiIf(query_text != '', lower(query_text), http_url != '', http_url, resource_name)",
  },
  {
    sources: jira,
    act: 'viewed',
    type: 'ticket',
    where: `${says('^issue[._ ]?view|issue[^a-z]?viewed')} AND match(${ticket}, '${ticketName}')`,
    key: ticket,
  },
  // Confluence.
  {
    sources: wiki,
    act: 'exported',
    type: 'page',
    where: `${says('export')} AND resource_type = 'page'`,
    key: page,
    title: pageTitle,
  },
  { sources: wiki, act: 'exported', type: 'space', where: says('export'), key: 'resource_name' },
  {
    sources: wiki,
    act: 'viewed',
    type: 'page',
    where: says('^page[.]view|page[^a-z]?viewed|blog[^a-z]?(post)?[^a-z]?viewed'),
    key: page,
    title: pageTitle,
  },
  // Either of them.
  {
    sources: [...jira, ...wiki],
    act: 'downloaded',
    type: 'attachment',
    where: says('attachment[^a-z]?download'),
    key: anyThing,
    title: 'resource_name',
  },
  {
    sources: [...jira, ...wiki, ...code],
    act: 'searched',
    type: 'search',
    where: says('search'),
    key: words,
  },
  // Bitbucket, and git on a host.
  {
    sources: code,
    act: 'archived',
    type: 'repository',
    where: says('^repository[.]archive'),
    key: repository,
  },
  { sources: code, act: 'cloned', type: 'repository', where: says('^repository[.]clone'), key: repository },
  {
    sources: code,
    act: 'downloaded',
    type: 'repository',
    where: says('^repository[.](fetch|download)'),
    key: repository,
  },
  {
    sources: code,
    act: 'viewed',
    type: 'repository',
    where: says('^repository[.](view|refs)|repository[^a-z]?accessed'),
    key: repository,
  },
  {
    sources: hostLogs,
    act: 'archived',
    type: 'repository',
    where: gitOnHost('archive .*--remote'),
    key: inCommand,
  },
  {
    sources: hostLogs,
    act: 'cloned',
    type: 'repository',
    where: gitOnHost('(clone|fetch|pull) '),
    key: inCommand,
  },
  // GitHub.
  {
    sources: ['github-audit'],
    act: 'archived',
    type: 'repository',
    where: says('repo.download_zip|migration[.]'),
    key: `lower(${anyThing})`,
  },
  {
    sources: ['github-audit'],
    act: 'cloned',
    type: 'repository',
    where: says('git[.]clone'),
    key: 'lower(resource_name)',
  },
  {
    sources: ['github-audit'],
    act: 'downloaded',
    type: 'repository',
    where: says('git[.]fetch'),
    key: 'lower(resource_name)',
  },
  // Cloud, secrets, clusters, data bases.
  {
    sources: ['cloudtrail'],
    act: 'downloaded',
    type: 'object',
    where: "api_operation IN ('GetObject', 'SelectObjectContent', 'GetObjectTorrent')",
    key: bucketObject,
  },
  {
    sources: ['cloudtrail'],
    act: 'viewed',
    type: 'secret',
    where:
      "api_operation IN ('GetSecretValue', 'BatchGetSecretValue', 'GetParameter', 'GetParameters', 'GetParametersByPath', 'Decrypt')",
    key: anyThing,
  },
  {
    sources: ['cloudtrail'],
    act: 'asked',
    type: 'statement',
    where: "api_operation IN ('StartQueryExecution', 'ExecuteStatement', 'Query', 'Scan')",
    key: "if(query_text != '', query_text, concat(api_service, ' ', api_operation, ' ', resource_name))",
  },
  {
    sources: ['cloudtrail'],
    act: 'listed',
    type: 'cloud service',
    where: "match(api_operation, '^(List|Describe|Get|Head|Search|Lookup)')",
    key: "concat(api_service, ' ', api_operation)",
  },
  {
    sources: ['vault-audit'],
    act: 'viewed',
    type: 'secret',
    where: "activity_id = 2 OR match(lower(concat(event_code, ' ', api_operation)), '(^|[^a-z])read')",
    key: "if(resource_name != '', resource_name, http_url)",
  },
  {
    sources: ['kubernetes-audit'],
    act: 'viewed',
    type: 'secret',
    where:
      "match(lower(concat(resource_type, ' ', http_url)), 'secrets') AND match(lower(concat(event_code, ' ', api_operation, ' ', http_method)), '(^|[^a-z])(get|list|watch)')",
    key: "if(resource_name != '', resource_name, http_url)",
  },
  {
    sources: ['postgres-csvlog', 'postgresql'],
    act: 'asked',
    type: 'statement',
    where: "query_text != ''",
    key: 'query_text',
  },
  // What the classes of OCSF say of any other log.
  {
    sources: [],
    act: 'searched',
    type: 'search',
    where: "class_uid = 6001 AND activity_id = 5 AND query_text != ''",
    key: 'lower(query_text)',
  },
  {
    sources: [],
    act: 'exported',
    type: 'resource',
    where: 'class_uid = 6001 AND activity_id = 7',
    key: anyThing,
    title: 'resource_name',
  },
  {
    sources: [],
    act: 'viewed',
    type: 'resource',
    where: 'class_uid = 6001 AND activity_id = 2',
    key: anyThing,
    title: 'resource_name',
  },
  {
    sources: [],
    act: 'asked',
    type: 'statement',
    where: 'class_uid = 6005 AND activity_id IN (1, 4)',
    key: "if(query_text != '', query_text, resource_name)",
  },
  {
    sources: [],
    act: 'viewed',
    type: 'file',
    where: 'class_uid = 1001 AND activity_id IN (2, 14)',
    key: "concat(host, ':', file_path)",
  },
  {
    sources: ['web-access'],
    act: 'viewed',
    type: 'web page',
    where: "http_method IN ('GET', 'POST')",
    key: 'concat(host, cutQueryString(http_url))',
  },
];
