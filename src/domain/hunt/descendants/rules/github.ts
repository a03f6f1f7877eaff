/** GitHub audit log. Actions: https://docs.github.com/en/organizations/keeping-your-organization-secure/managing-security-settings-for-your-organization/audit-log-events-for-your-organization */
import type { DescendantRules } from '../types.ts';

export const github: DescendantRules = {
  sources: ['github', 'github-audit'],
  rules: [
    {
      kind: 'account',
      codes: [
        'orgaddmember',
        'orginvitemember',
        'businessaddsupportentitlee',
        'enterpriseaddmember',
        'orgaddoutsidecollaborator',
      ],
      technique: 'T1136.003',
    },
    {
      kind: 'group-membership',
      codes: ['teamaddmember', 'orgupdatemember', 'teamchangeparentteam', 'businessaddadmin'],
    },
    {
      kind: 'permission-grant',
      codes: [
        'repoaddmember',
        'repoupdatemember',
        'teamaddrepository',
        'teamupdaterepositorypermission',
        'orgupdatedefaultrepositorypermission',
        'repoaccess',
        'organizationroleassign',
        'protectedbranchpolicyoverride',
        'protectedbranchdestroy',
      ],
    },
    {
      kind: 'deploy-key',
      codes: ['deploykeycreate', 'publickeycreate'],
      where: "event_code ILIKE 'deploy_key.%' OR resource_type ILIKE '%repo%'",
    },
    { kind: 'ssh-key', codes: ['publickeycreate', 'sshcertificateauthoritycreate', 'gpgkeycreate'] },
    {
      kind: 'token',
      codes: [
        'personalaccesstokenrequestcreated',
        'personalaccesstokenaccessgranted',
        'oauthaccesscreate',
        'orgregisterselfhostedrunner',
        'actionsregistrationtokencreate',
        'oauthaccessregenerate',
        'personalaccesstokencreate',
        'orgcredentialauthorizationgrant',
      ],
    },
    {
      kind: 'oauth-app',
      codes: [
        'oauthapplicationcreate',
        'oauthapplicationgenerateclientsecret',
        'integrationcreate',
        'integrationinstallationcreate',
        'integrationgenerateclientsecret',
      ],
    },
    {
      kind: 'oauth-consent',
      codes: [
        'oauthauthorizationcreate',
        'orgoauthappaccessapproved',
        'integrationinstallationrepositoriesadded',
      ],
    },
    { kind: 'webhook', codes: ['hookcreate', 'hookeventschanged', 'hookconfigchanged'] },
    { kind: 'scheduled-job', codes: ['workflowsenableworkflow', 'workflowscreatedworkflowrun'] },
    {
      kind: 'identity-provider',
      codes: [
        'orgenablesaml',
        'orgupdatesamlprovidersettings',
        'businessenablesaml',
        'orgdisabletwofactorrequirement',
      ],
    },
  ],
};
