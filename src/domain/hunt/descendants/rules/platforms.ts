/** Cloudflare, Vault, Kubernetes and PostgreSQL: by the verbs of their audit logs. */
import type { DescendantRules } from '../types.ts';

/** https://developers.cloudflare.com/logs/logpush/logpush-job/datasets/account/audit_logs/ */
export const cloudflare: DescendantRules = {
  sources: [
    'cloudflare',
    'cloudflare-audit',
    'cloudflare-access',
    'cloudflare-gateway',
    'cloudflare-gateway-http',
    'cloudflare-gateway-dns',
  ],
  rules: [
    {
      kind: 'token',
      codes: [
        'tokencreate',
        'tokenroll',
        'apikeycreated',
        'apikeyviewed',
        'servicetokencreate',
        'rotateapikey',
        'apitokencreate',
        'apikeychange',
      ],
    },
    {
      kind: 'token',
      codes: ['create', 'add', 'created', 'roll', 'rotate'],
      where: "resource_type ILIKE '%token%' OR resource_type ILIKE '%api_key%'",
    },
    {
      kind: 'account',
      codes: ['memberadd', 'addmember', 'memberinvite', 'accountmemberadd'],
      technique: 'T1136.003',
    },
    {
      kind: 'account',
      codes: ['add', 'create', 'invite'],
      where: "resource_type ILIKE '%member%'",
      technique: 'T1136.003',
    },
    {
      kind: 'permission-grant',
      codes: ['update', 'change%', 'create', 'add'],
      where:
        "resource_type ILIKE '%polic%' OR resource_type ILIKE '%role%' OR resource_type ILIKE '%access%app%'",
    },
    {
      kind: 'identity-provider',
      codes: ['create', 'add', 'update'],
      where: "resource_type ILIKE '%identity%provider%'",
    },
    {
      kind: 'script',
      codes: ['create', 'add', 'update', 'upload%'],
      where: "resource_type ILIKE '%worker%' OR resource_type ILIKE '%script%'",
      technique: 'T1648',
    },
    {
      kind: 'webhook',
      codes: ['create', 'add'],
      where: "resource_type ILIKE '%webhook%' OR resource_type ILIKE '%logpush%'",
    },
  ],
};

/** https://developer.hashicorp.com/vault/api-docs/auth/token and the paths of its other back ends. */
export const vault: DescendantRules = {
  sources: ['vault', 'vault-audit', 'hashicorp-vault'],
  rules: [
    {
      kind: 'token',
      where:
        // A request says only that something was asked for.
        "made_uid != '' OR event_code NOT LIKE 'request.%' AND match(concat(resource_name, ' ', api_operation, ' ', http_url), 'auth/token/create|auth/[^ ]+/login|/secret-id$')",
    },
    {
      kind: 'permission-grant',
      where:
        "match(concat(resource_name, ' ', http_url), 'sys/polic') AND (match(lower(concat(event_code, ' ', api_operation)), 'create|update|write'))",
    },
    {
      kind: 'identity-provider',
      where:
        "match(concat(resource_name, ' ', http_url), 'sys/auth/') AND (match(lower(concat(event_code, ' ', api_operation)), 'create|update|write'))",
    },
    {
      kind: 'account',
      where:
        "match(concat(resource_name, ' ', http_url), 'auth/(userpass|ldap)/users/|auth/approle/role/[^/]+$|identity/entity') AND (match(lower(concat(event_code, ' ', api_operation)), 'create|update|write'))",
    },
  ],
};

const creates =
  "match(lower(concat(event_code, ' ', api_operation, ' ', http_method)), '(^|[^a-z])(create|update|patch|post|put)')";

/** https://kubernetes.io/docs/reference/access-authn-authz/rbac/ */
export const kubernetes: DescendantRules = {
  sources: ['kubernetes', 'kubernetes-audit', 'k8s', 'k8s-audit'],
  rules: [
    {
      kind: 'token',
      where: `${creates} AND match(concat(resource_type, ' ', http_url), 'serviceaccounts/[^/]*/?token|tokenrequests?|certificatesigningrequests')`,
    },
    {
      kind: 'account',
      where: `${creates} AND match(concat(resource_type, ' ', http_url), 'serviceaccounts')`,
      technique: 'T1136.003',
    },
    {
      kind: 'permission-grant',
      where: `${creates} AND match(concat(resource_type, ' ', http_url), 'rolebindings|clusterroles|roles')`,
      technique: 'T1098.006',
    },
    {
      kind: 'scheduled-job',
      where: `${creates} AND match(concat(resource_type, ' ', http_url), 'cronjobs')`,
      technique: 'T1053.007',
    },
    {
      kind: 'webhook',
      where: `${creates} AND match(concat(resource_type, ' ', http_url), 'webhookconfigurations')`,
    },
    {
      kind: 'compute',
      where: `${creates} AND match(concat(resource_type, ' ', http_url), 'pods|deployments|daemonsets|statefulsets|jobs') AND resource_type NOT LIKE '%/%'`,
      technique: 'T1610',
      actsAs: [],
    },
  ],
};

/** https://www.postgresql.org/docs/current/sql-createrole.html */
export const postgresql: DescendantRules = {
  sources: ['postgresql', 'postgresql-csv', 'postgres', 'postgresql-csvlog'],
  rules: [
    { kind: 'account', where: "match(query_text, '(?i)create +(role|user) ')" },
    { kind: 'password-reset', where: "match(query_text, '(?i)alter +(role|user) .*password')" },
    {
      kind: 'permission-grant',
      where:
        "match(query_text, '(?i)(^|;) *grant |alter +(role|user) .*(superuser|createrole|replication|bypassrls)')",
    },
    {
      kind: 'script',
      where:
        "match(query_text, '(?i)create +(or +replace +)?(function|procedure|trigger|extension|event +trigger)')",
    },
  ],
};
