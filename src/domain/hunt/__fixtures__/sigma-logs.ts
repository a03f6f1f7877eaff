/** Lines of logs in the vendors' formats, and which of them each shipped rule is to match. */

export interface SigmaLog {
  name: string;
  source: string;
  lines: string[];
  /** Lines, from 1, by the title of the rule. */
  matches: Record<string, number[]>;
}

const seconds = (text: string): number => Date.parse(text) / 1_000;

interface Audit {
  key: string;
  action: string;
  author: string;
  at: string;
  objects?: object[];
  extra?: string;
}

export const audit = (system: string, { key, action, author, at, objects = [], extra }: Audit): string =>
  JSON.stringify({
    affectedObjects: objects,
    auditType: { action, actionI18nKey: key, area: 'X', category: 'x', categoryI18nKey: `${system}.x`, level: 'BASE' },
    author: { id: '7', name: author, type: 'user' },
    changedValues: [],
    extraAttributes: extra === undefined ? [] : [{ name: 'Query', nameI18nKey: 'q', value: extra }],
    method: 'Browser',
    source: '203.0.113.77',
    system: `https://${system}.corp.example`,
    timestamp: { epochSecond: seconds(at), nano: 0 },
    version: '1.0',
  });

const created = { key: 'jira.auditing.user.created', action: 'User created' };
const jira = [
  { ...created, author: 'smartsheet_svc', at: '2023-11-16T14:36:37Z', objects: [{ name: 'new.one', type: 'USER' }] },
  { ...created, author: 'admin', at: '2023-11-16T15:00:00Z', objects: [{ name: 'hired', type: 'USER' }] },
  {
    key: 'jira.auditing.user.added.to.group',
    action: 'User added to group',
    author: 'smartsheet_svc',
    at: '2023-11-23T15:58:00Z',
    objects: [
      { name: 'jira-administrators', type: 'GROUP' },
      { name: 'smartsheet_svc', type: 'USER' },
    ],
  },
  {
    key: 'jira.auditing.user.added.to.group',
    action: 'User added to group',
    author: 'admin',
    at: '2023-11-23T16:00:00Z',
    objects: [
      { name: 'jira-users', type: 'GROUP' },
      { name: 'hired', type: 'USER' },
    ],
  },
  {
    key: 'com.onresolve.scriptrunner.audit.scriptconsole.executed',
    action: 'ScriptRunner: script console executed',
    author: 'smartsheet_svc',
    at: '2023-11-22T14:18:22Z',
  },
  { key: 'jira.auditing.permission.scheme.updated', action: 'Permission scheme updated', author: 'admin', at: '2023-11-22T09:00:00Z' },
  { key: 'jira.auditing.project.roles.changed', action: 'Project roles changed', author: 'ada', at: '2023-11-22T09:01:00Z' },
  { key: 'jira.auditing.issue.export', action: 'Issues exported', author: 'ada', at: '2023-11-22T09:02:00Z' },
  { key: 'issuenav.jqlsearch.performed', action: 'JQL search performed', author: 'eve', at: '2023-11-22T10:00:00Z', extra: 'text ~ "client-secret"' },
  { key: 'issuenav.jqlsearch.performed', action: 'JQL search performed', author: 'eve', at: '2023-11-22T11:00:00Z', extra: 'text ~ VPN' },
  { key: 'issuenav.jqlsearch.performed', action: 'JQL search performed', author: 'eve', at: '2023-11-22T12:00:00Z', extra: 'text ~ cloudflared' },
  { key: 'issuenav.jqlsearch.performed', action: 'JQL search performed', author: 'ada', at: '2023-11-22T12:00:00Z', extra: 'project = OPS' },
  { key: 'jira.auditing.plugin.installed', action: 'App installed', author: 'admin', at: '2023-11-22T13:00:00Z' },
].map((one) => audit('jira', one));

const search = { key: 'audit.logging.summary.search.performed', action: 'Search performed' };
const confluence = [
  { ...search, author: 'eve', at: '2023-11-15T17:00:00Z', extra: 'remote access' },
  { ...search, author: 'eve', at: '2023-11-15T17:01:00Z', extra: 'openconnect' },
  { ...search, author: 'eve', at: '2023-11-15T17:02:00Z', extra: 'token' },
  { ...search, author: 'ada', at: '2023-11-15T17:02:00Z', extra: 'token' },
  { ...search, author: 'ada', at: '2023-11-15T17:03:00Z', extra: 'holiday' },
  { key: 'audit.logging.summary.user.created', action: 'User created', author: 'svc-sync', at: '2023-11-16T08:00:00Z' },
  {
    key: 'audit.logging.summary.group.membership.added',
    action: 'User added to group',
    author: 'admin',
    at: '2023-11-16T08:01:00Z',
    objects: [{ name: 'confluence-administrators', type: 'Group' }],
  },
  { key: 'audit.logging.summary.plugin.installed', action: 'App installed', author: 'admin', at: '2023-11-16T08:02:00Z' },
  { key: 'audit.logging.summary.space.permission.added', action: 'Space permission added', author: 'admin', at: '2023-11-16T08:03:00Z' },
  { key: 'audit.logging.summary.space.export', action: 'Space exported', author: 'eve', at: '2023-11-16T08:04:00Z' },
  { key: 'audit.logging.summary.page.viewed', action: 'Page viewed', author: 'ada', at: '2023-11-16T08:05:00Z' },
].map((one) => audit('confluence', one));

const accessed = { key: 'bitbucket.service.repository.audit.action.repositoryaccessed', action: 'Repository accessed by user' };
const minute = (index: number): string => new Date(Date.parse('2023-11-22T15:00:00Z') + index * 60_000).toISOString();
const repository = (index: number) => [
  { id: '1', name: 'NET', type: 'PROJECT' },
  { id: String(index), name: `repo-${index}`, type: 'REPOSITORY' },
];
const bitbucket = [
  ...Array.from({ length: 35 }, (_, index) => ({ ...accessed, author: 'bitbucket_svc', at: minute(index), objects: repository(index) })),
  // One repository over and over is work.
  ...Array.from({ length: 35 }, (_, index) => ({ ...accessed, author: 'ada', at: minute(index), objects: repository(1) })),
].map((one) => audit('bitbucket', one));

const clock = (index: number): string => `2023-11-22 15:${String(10 + index)}:00,000`;
const packed = (user: string, index: number): string =>
  `203.0.113.77,10.0.0.2 | https | o*1Y8NA7Ox764x${index}x0 | ${user} | ${clock(index)} | "GET /rest/api/latest/projects/NET/repos/r${index}/archive?format=zip HTTP/1.1" | "" "curl/7.81.0" | 200 | 0 | 5014019 | - | 700 | 1hpn738 | `;
const packedOverSsh = (user: string, index: number): string =>
  `10.20.4.11 | ssh | o@PZQFBCx922x${index}x1 | ${user} | ${clock(index)} | SSH - git-upload-archive '/net/r${index}.git' | "SSH-2.0-OpenSSH_8.9p1" | 0 | 180 | 9181021 | archive, ssh:id:2754 | 223 | y3r3kf | `;
const archives = [
  ...Array.from({ length: 6 }, (_, index) => packed('bitbucket_svc', index)),
  ...Array.from({ length: 6 }, (_, index) => packedOverSsh('bitbucket_svc', 6 + index)),
  ...Array.from({ length: 9 }, (_, index) => packed('builder', 20 + index)),
];

export const okta = (type: string, actor: string, ip: string, at: string, result = 'SUCCESS'): string =>
  JSON.stringify({
    actor: { id: `00u${actor}`, type: 'User', alternateId: `${actor}@corp.example`, displayName: actor, detailEntry: null },
    client: { userAgent: { rawUserAgent: 'x', os: 'Linux', browser: 'FIREFOX' }, zone: 'null', device: 'Computer', id: null, ipAddress: ip, geographicalContext: null },
    device: null,
    authenticationContext: { externalSessionId: '102x' },
    displayMessage: type,
    eventType: type,
    outcome: { result, reason: null },
    published: at,
    securityContext: { isProxy: false },
    severity: 'INFO',
    debugContext: { debugData: {} },
    legacyEventType: null,
    transaction: { type: 'WEB', id: 'x', detail: {} },
    uuid: `${type}-${at}`,
    version: '0',
    request: { ipChain: [] },
    target: null,
  });
const refresh = 'app.oauth2.as.token.grant.refresh_token';
const oktaLines = [
  okta('app.oauth2.as.consent.grant', 'eve', '203.0.113.1', '2023-11-15T10:00:00.000Z'),
  okta('app.oauth2.as.token.detect_reuse', 'eve', '203.0.113.1', '2023-11-15T10:01:00.000Z', 'FAILURE'),
  okta(refresh, 'eve', '203.0.113.1', '2023-11-15T10:02:00.000Z'),
  okta(refresh, 'eve', '203.0.113.2', '2023-11-15T10:03:00.000Z'),
  okta(refresh, 'eve', '203.0.113.3', '2023-11-15T10:04:00.000Z'),
  okta(refresh, 'ada', '192.0.2.1', '2023-11-15T10:02:00.000Z'),
  okta(refresh, 'ada', '192.0.2.1', '2023-11-15T10:03:00.000Z'),
  okta('user.session.start', 'ada', '192.0.2.1', '2023-11-15T10:05:00.000Z'),
];

export const gateway = (email: string, ip: string, connection: string, at: string, allowed = true): string =>
  JSON.stringify({
    Action: 'login',
    Allowed: allowed,
    AppDomain: 'jira.corp.example',
    AppUUID: '123e4567-e89b-12d3-a456-426614174000',
    Connection: connection,
    Country: 'us',
    CreatedAt: at,
    Email: email,
    IPAddress: ip,
    PurposeJustificationPrompt: '',
    PurposeJustificationResponse: '',
    RayID: '00c0ffeeabc12345',
    TemporaryAccessApprovers: [],
    TemporaryAccessDuration: 0,
    UserUID: '166befbb-00e3-5e20-bd6e-27245333949f',
  });
const gatewayLines = [
  gateway('moveworks', '198.51.100.7', 'service_token', '2023-11-14T08:00:00Z'),
  gateway('moveworks', '198.51.100.7', 'service_token', '2023-11-15T08:00:00Z'),
  gateway('moveworks', '193.142.58.126', 'service_token', '2023-11-15T16:28:38Z'),
  gateway('ada@corp.example', '192.0.2.1', 'okta', '2023-11-15T16:00:00Z'),
  gateway('ada@corp.example', '192.0.2.2', 'okta', '2023-11-15T16:01:00Z'),
];

export const github = (action: string, at: string, actor = 'eve'): string =>
  JSON.stringify({ '@timestamp': Date.parse(at), _document_id: `d${at}`, action, actor, actor_ip: '203.0.113.1', org: 'corp', created_at: Date.parse(at) });

export const logs: SigmaLog[] = [
  {
    name: 'jira.ndjson',
    source: 'jira-audit',
    lines: jira,
    matches: {
      'Jira Account Created By A Service Account': [1],
      'Jira Member Added To An Administrators Group': [3],
      'Jira Script Run Or App Installed': [5, 13],
      'Jira Permission Scheme Or Global Permission Changed': [6],
      'Jira Issues Exported': [8],
      'Jira Search For Secrets Or Ways In': [9, 10, 11],
      'Many Different Jira Searches For Secrets By One Account': [11],
    },
  },
  {
    name: 'confluence.ndjson',
    source: 'confluence-audit',
    lines: confluence,
    matches: {
      'Confluence Search For Secrets Or Ways In': [1, 2, 3, 4],
      'Many Different Confluence Searches For Secrets By One Account': [3],
      'Confluence Account Created By A Service Account': [6],
      'Confluence Member Added To An Administrators Group': [7],
      'Confluence App Installed Or Enabled': [8],
      'Confluence Global Or Space Permission Added': [9],
      'Confluence Space Or Site Exported': [10],
    },
  },
  {
    name: 'bitbucket.ndjson',
    source: 'bitbucket-audit',
    lines: bitbucket,
    matches: { 'Many Bitbucket Repositories Accessed In Little Time': [30] },
  },
  {
    name: 'bitbucket-access.log',
    source: 'bitbucket-access',
    lines: archives,
    matches: { 'Many Bitbucket Repositories Taken As Archives': [10] },
  },
  {
    name: 'okta.ndjson',
    source: 'okta',
    lines: oktaLines,
    matches: {
      'Okta OAuth Consent Or Client Created': [1],
      'Okta Refresh Token Used Twice': [2],
      'Okta Refresh Tokens Of One Actor Exchanged From Several Addresses': [5],
    },
  },
  {
    name: 'gateway.ndjson',
    source: 'cloudflare-access',
    lines: gatewayLines,
    matches: { 'Cloudflare Service Token Used From Several Addresses': [3] },
  },
  {
    name: 'github.ndjson',
    source: 'github-audit',
    lines: [github('oauth_authorization.create', '2023-11-15T10:00:00Z'), github('git.clone', '2023-11-15T10:01:00Z')],
    matches: { 'GitHub App Or OAuth Access Granted': [1] },
  },
];
