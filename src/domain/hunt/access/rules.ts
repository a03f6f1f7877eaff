/**
 * Which events read something. The first rule that fits counts. Paths are those of the products' own web pages and
 * REST interfaces; where an audit log names the same thing, its key is spelled alike.
 */
import type { AccessRule } from './types.ts';

const jira = ['jira-access', 'jira-audit', 'atlassian-cloud'];
const wiki = ['confluence-access', 'confluence-audit', 'atlassian-cloud'];
const code = ['bitbucket-access', 'bitbucket-audit'];

const says = (pattern: string): string => `match(said, '${pattern}')`;
const path = (pattern: string): string => `match(http_url, '${pattern}')`;
const isRead = "(http_method = '' OR http_method IN ('GET', 'HEAD', 'get'))";

const ticketPath = '(?:browse|issues?)/([A-Za-z][A-Za-z0-9_]*-[0-9]+)';
const ticketName = '^([A-Za-z][A-Za-z0-9_]*-[0-9]+)$';
/** A ticket's key, wherever the log has it. */
const ticket = `upper(multiIf(match(http_url, '${ticketPath}'), extract(http_url, '${ticketPath}'), match(resource_uid, '${ticketName}'), resource_uid, extract(resource_name, '${ticketName}')))`;

const pageOfUrl = "extract(http_url, '(?:[?&]pageId=|/content/|/pages/)([0-9]+)')";
/** A page's number, where there is one; its space and title otherwise. */
const page = `multiIf(${pageOfUrl} != '', ${pageOfUrl}, match(resource_uid, '^[0-9]+$'), resource_uid, http_url LIKE '%/display/%', lower(decodeURLComponent(extract(http_url, '/display/([^?#]+)'))), lower(resource_name))`;
const pageTitle = "if(match(resource_name, '^[0-9]*$'), '', resource_name)";

const words = `lower(trimBoth(if(query_text != '', query_text, decodeURLFormComponent(extract(http_url, '(?:[?&])(?:queryString|query|q|text|searchString|jql|cql)=([^&#]*)')))))`;

/** PROJECT/slug in lower case, as pages and REST paths have it, and git's own paths. */
const inPath = (text: string): string =>
  `concat(extract(${text}, '/(?:projects|users)/([^/ ?]+)/repos/'), '/', extract(${text}, '/repos/([A-Za-z0-9_.~-]+)'))`;
const inGit = (text: string): string =>
  `if(match(${text}, '[^/ ]/[A-Za-z0-9_.~-]+[.]git'), concat(extract(${text}, '([A-Za-z0-9_.~-]+)/[A-Za-z0-9_.~-]+?[.]git'), '/', extract(${text}, '/([A-Za-z0-9_.~-]+?)[.]git')), '')`;
const anyText = "concat(http_url, ' ', process_cmd_line, ' ', raw)";
const codeSources = [...code, 'auditd', 'linux-auth'];

/** What rules name and would otherwise compute again and again. */
export const accessTexts = [
  "lower(concat(event_code, ' ', api_operation, ' ', message)) AS said",
  `if(source IN (${codeSources.map((source) => `'${source}'`).join(', ')}), ${anyText}, '') AS code_text`,
];
const repositoryInText = `lower(if(match(code_text, '/repos/'), ${inPath('code_text')}, ${inGit('code_text')}))`;
const repository = `if(position(resource_name, '/') > 0, lower(resource_name), ${repositoryInText})`;
const git = (word: string): string => `position(raw, '${word}') > 0`;

const bucketObject =
  "if(position(resource_name, '/') > 0 OR resource_uid = '', if(resource_name != '', resource_name, resource_uid), concat(resource_uid, if(resource_name = '', '', '/'), resource_name))";
const anyThing = "multiIf(resource_uid != '', resource_uid, resource_name)";

export const accessRules: readonly AccessRule[] = [
  // Jira.
  {
    sources: jira,
    act: 'exported',
    type: 'ticket list',
    where: `${path('/sr/jira[.]issueviews')} OR ${says('export')}`,
    key: `if(http_url != '', http_url, resource_name)`,
  },
  {
    sources: jira,
    act: 'downloaded',
    type: 'attachment',
    where: path('/secure/attachment/[0-9]+'),
    key: "extract(http_url, '/secure/attachment/([0-9]+)')",
    title: "decodeURLComponent(extract(http_url, '/secure/attachment/[0-9]+/([^?#]+)'))",
  },
  {
    sources: jira,
    act: 'viewed',
    type: 'ticket',
    where: `${isRead} AND ${path(ticketPath)} OR ${says('issue.*viewed')}`,
    key: ticket,
    title: pageTitle,
  },
  {
    sources: jira,
    act: 'searched',
    type: 'search',
    where: `${path('/rest/api/[^/]+/search|/issues/[?]|QuickSearch|/secure/IssueNavigator')} OR ${says('search')}`,
    key: words,
  },
  // Confluence.
  {
    sources: wiki,
    act: 'exported',
    type: 'page',
    where: `${path('pdfpageexport|exportword|/spaces/exportspace')} OR ${says('export')}`,
    key: page,
    title: pageTitle,
  },
  {
    sources: wiki,
    act: 'downloaded',
    type: 'attachment',
    where: path('/download/attachments/[0-9]+'),
    key: "extract(http_url, '/download/attachments/([^?#]+)')",
    title: "decodeURLComponent(extract(http_url, '/download/attachments/[0-9]+/([^?#]+)'))",
  },
  {
    sources: wiki,
    act: 'searched',
    type: 'search',
    where: `${path('/dosearchsite[.]action|/rest/api/(content/)?search|/rest/searchv3')} OR ${says('search')}`,
    key: words,
  },
  {
    sources: wiki,
    act: 'viewed',
    type: 'page',
    where: `${isRead} AND ${path('[?&]pageId=[0-9]+|^/display/|/rest/api/content/[0-9]+|^/spaces/[^/]+/pages/[0-9]+')} OR ${says('page[. ]*viewed|blog[^ ]*[. ]viewed')}`,
    key: page,
    title: pageTitle,
  },
  // Bitbucket, and git on a host.
  {
    sources: code,
    act: 'archived',
    type: 'repository',
    where: `${git('git-upload-archive')} OR ${path('/rest/api/[^/]+/projects/[^/]+/repos/[^/]+/archive')}`,
    key: repository,
  },
  {
    sources: code,
    act: 'cloned',
    type: 'repository',
    where: `${git('git-upload-pack')} AND match(raw, '[ ,]clone[, |]')`,
    key: repository,
  },
  {
    sources: code,
    act: 'downloaded',
    type: 'repository',
    where: `${git('git-upload-pack')} AND match(raw, '[ ,]fetch[, |]')`,
    key: repository,
  },
  {
    sources: code,
    act: 'viewed',
    type: 'repository',
    where: `${isRead} AND ${path('/(projects|users)/[^/]+/repos/[^/]+')} OR ${says('repository.?accessed|repository[.]viewed')} OR ${git('git-upload-pack')}`,
    key: repository,
  },
  {
    sources: code,
    act: 'searched',
    type: 'search',
    where: `${path('/rest/search|/plugins/servlet/search')} OR ${says('search')}`,
    key: words,
  },
  {
    sources: ['auditd', 'linux-auth'],
    act: 'archived',
    type: 'repository',
    where: "match(process_cmd_line, '(^|/| )git archive .*--remote')",
    key: repositoryInText,
  },
  {
    sources: ['auditd', 'linux-auth'],
    act: 'cloned',
    type: 'repository',
    where: "match(process_cmd_line, '(^|/| )git (clone|fetch|pull) ')",
    key: repositoryInText,
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
