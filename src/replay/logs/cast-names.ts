/** Names that the practice company is made of: people, products, pages, repositories. All invented. */

export const firstNames =
  'Ana Ben Carla Dmitri Elif Farid Greta Hugo Ines Jonas Kemal Lena Mateo Nadia Oskar Priya Quentin Rosa Samir Tessa Umar Vera Wanda Xavi Yara Zoltan Amara Bruno Chiara Dario Esme Felix Gita Hanna Ivo Jana'.split(
    ' ',
  );

export const lastNames =
  'Abbott Bergmann Castellan Dahl Eriksen Fontaine Grabowski Holm Ibarra Jansen Kovacs Lindqvist Moretti Novak Okafor Petersen Quist Reyes Sandoval Tanaka Ueda Varga Wolff Xenakis Yilmaz Zeman Ashworth Brandt Corvin Drummond Ellery Fairfax'.split(
    ' ',
  );

/** A place with an office: offset from UTC in hours (of the winter), share of the people, country, network. */
export const offices = [
  { city: 'London', country: 'GB', offset: 0, share: 0.24, network: '192.0.2', thanksgiving: false },
  { city: 'Lisbon', country: 'PT', offset: 0, share: 0.16, network: '192.0.2', thanksgiving: false },
  { city: 'Austin', country: 'US', offset: -6, share: 0.24, network: '198.51.100', thanksgiving: true },
  { city: 'San Francisco', country: 'US', offset: -8, share: 0.2, network: '198.51.100', thanksgiving: true },
  { city: 'Singapore', country: 'SG', offset: 8, share: 0.16, network: '203.0.113', thanksgiving: false },
] as const;

export const browsers = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Safari/605.1.15',
  'Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:119.0) Gecko/20100101 Firefox/119.0',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:119.0) Gecko/20100101 Firefox/119.0',
] as const;

export const components =
  'edge cache ledger billing search mailer gateway profile catalog checkout invoice ranking stream upload video image queue broker metrics tracing console portal schema router planner quota pricing tax refund ticket'.split(
    ' ',
  );

/** What a repository is of its component; the order makes 11,904 names without a repetition. */
export const repositoryKinds =
  'service worker api client sdk ui config deploy tests docs tools proto schema jobs migrations charts'.split(
    ' ',
  );

/** Projects with the repositories that the intruder looked for. */
export const infrastructureProjects = [
  { key: 'BKP', stems: ['backup', 'restore', 'snapshot', 'vault-backup', 'dr-runbook'] },
  { key: 'NET', stems: ['edge-network', 'bgp-config', 'backbone', 'dns-zones', 'net-automation'] },
  { key: 'IAM', stems: ['identity', 'sso', 'directory-sync', 'access-review', 'mfa-policy'] },
  { key: 'RAS', stems: ['remote-access', 'bastion', 'vpn-profile', 'tunnel-config', 'device-posture'] },
  {
    key: 'TF',
    stems: ['terraform-core', 'terraform-aws', 'terraform-dns', 'terraform-modules', 'terraform-state'],
  },
  {
    key: 'K8S',
    stems: ['kubernetes-base', 'cluster-config', 'helm-charts', 'admission-policy', 'node-image'],
  },
] as const;

export const pageTopics =
  'Onboarding,Release,Incident,Architecture,Quarterly plan,Team charter,Design review,Postmortem,Runbook,Meeting notes,Roadmap,Style guide,Hiring,Travel,Office,Benefits,Budget,Vendor,Customer story,Analytics'.split(
    ',',
  );

/** Titles of the pages that the intruder opened, by what he searched for. */
export const soughtTopics =
  'Remote access,Secret rotation,Client secret handling,OpenConnect setup,Tunnel daemon cloudflared,API token policy,MFA exceptions,Network backbone,Bastion hosts,Console servers,Backup keys,Identity provider'.split(
    ',',
  );

export const soughtKinds =
  'overview,how-to,runbook,inventory,migration,design,FAQ,checklist,owners,history,troubleshooting,access request,emergency,architecture,audit,known issues,contacts'.split(
    ',',
  );

/** Jira projects and how many issues each has: 2,059,357 together. */
export const issueProjects = [
  { key: 'PLAT', issues: 412_118 },
  { key: 'BILL', issues: 318_944 },
  { key: 'WEB', issues: 290_377 },
  { key: 'OPS', issues: 245_601 },
  { key: 'CUST', issues: 401_226 },
  { key: 'DATA', issues: 166_490 },
  { key: 'MOB', issues: 120_733 },
  { key: 'SEC', issues: 41_652 },
  { key: 'NET', issues: 38_909 },
  { key: 'IT', issues: 23_307 },
] as const;

/** The tickets that the intruder read; SEC-41233 is the answer to the breach of the supplier itself. */
export const soughtTickets =
  'SEC-41233,SEC-41240,SEC-41188,SEC-41190,SEC-40977,SEC-40871,SEC-40312,SEC-39944,SEC-39120,SEC-38655,SEC-37711,SEC-36502,SEC-35190,SEC-33087,IT-23110,IT-23045,IT-22987,IT-22901,IT-22544,IT-21870,IT-21003,IT-20455,IT-19872,IT-18111,NET-38871,NET-38702,NET-38655,NET-38120,NET-37903,NET-37411,NET-36208,NET-35077,NET-33980,OPS-244901,OPS-243377,OPS-240018'.split(
    ',',
  );
