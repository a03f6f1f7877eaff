/**
 * Audit logs of Jira, Confluence and Bitbucket: files of Data Center (`auditType.actionI18nKey` such as
 * `jira.auditing.user.created`), the REST API (`User created`) and Cloud (`user_created`). Spelled without
 * marks, all three end alike. https://confluence.atlassian.com/adminjiraserver/auditing-in-jira-938847740.html
 */
import type { DescendantRules } from '../types.ts';

export const atlassian: DescendantRules = {
  sources: [
    'jira',
    'confluence',
    'bitbucket',
    'atlassian',
    'jira-audit',
    'confluence-audit',
    'bitbucket-audit',
    'atlassian-cloud',
    'atlassian-audit',
    'jira-access',
    'confluence-access',
    'bitbucket-access',
  ],
  rules: [
    // Before accounts: Bitbucket's `groupmembershipscreated.user` ends like a created user.
    {
      kind: 'group-membership',
      codes: [
        '%useraddedtogroup',
        '%useraddedtousergroup',
        '%groupmembershipscreated%',
        '%addedusertogroup',
        '%groupmembershipadded',
        '%useraddtogroup',
        '%membershipadded',
        '%groupmembershipcreated',
        '%groupmembershipcreate',
      ],
    },
    {
      kind: 'account',
      codes: [
        '%usercreated',
        '%createduser',
        '%useradded',
        '%userinvited',
        '%invitedusertosite',
        '%accountcreated',
      ],
      technique: 'T1136',
    },
    { kind: 'enabled-account', codes: ['%useractivated', '%userreactivated', '%userenabled'] },
    {
      kind: 'password-reset',
      codes: [
        '%passwordchanged',
        '%passwordreset',
        '%userpasswordchanged',
        '%credentialupdated',
        '%userspasswordchanged',
        '%userpasswordreset',
        '%changedpassword',
      ],
    },
    { kind: 'group', codes: ['%groupcreated', '%createdgroup'] },
    {
      kind: 'permission-grant',
      codes: [
        '%permissionadded',
        '%permissiongranted',
        '%permissionschemeupdated',
        '%permissionschemecreated',
        '%permissionschemechanged',
        '%permissionschemeaddedtoproject',
        '%projectroleschanged',
        '%projectrolechanged',
        '%globalpermissiongranted',
        '%globalpermissionadded',
        '%addedpermission',
        '%permissiongrantrequested',
        '%spacepermissionadded',
        '%repositorypermissiongranted',
        '%projectpermissiongranted',
        '%globalpermissionchanged',
        '%permissionchanged',
        '%roleadded',
        '%admingranted',
        '%userpermissionadded',
        '%grouppermissionadded',
      ],
    },
    {
      kind: 'token',
      codes: [
        '%accesstokencreated',
        '%accesstokencreate',
        '%apitokencreated',
        '%tokencreated',
        '%personalaccesstokencreated',
        '%httpaccesstokencreated',
      ],
    },
    {
      kind: 'deploy-key',
      codes: [
        '%accesskeyadded',
        '%accesskeycreated',
        '%repositoryaccesskeyadded',
        '%projectaccesskeyadded',
        '%sshaccesskeyadded',
      ],
      where:
        "resource_type ILIKE '%repo%' OR resource_type ILIKE '%project%' OR event_code ILIKE '%access%key%'",
    },
    {
      kind: 'ssh-key',
      codes: [
        '%sshkeyadded',
        '%sshkeycreated',
        '%gpgkeyadded',
        '%gpgkeycreated',
        '%gpgeventcreated',
        '%addedsshkey',
      ],
    },
    {
      kind: 'oauth-app',
      codes: [
        '%applicationlinkcreated',
        '%applinkcreated',
        '%applicationlinkadded',
        '%oauthconsumercreated',
        '%oauthclientcreated',
        '%consumeradded',
        '%incominglinkcreated',
      ],
    },
    {
      kind: 'oauth-consent',
      codes: ['%oauthtokengranted', '%appaccessgranted', '%oauthgrantcreated', '%userapproved%app'],
    },
    { kind: 'webhook', codes: ['%webhookcreated', '%webhookadded', '%createdwebhook', '%webhookenabled'] },
    {
      kind: 'scheduled-job',
      codes: [
        '%automationrulecreated',
        '%automationruleenabled',
        '%scheduledjobcreated',
        '%servicecreated',
        '%serviceadded',
        '%listeneradded',
        '%listenercreated',
      ],
    },
    {
      kind: 'plugin',
      codes: [
        '%plugininstalled',
        '%pluginenabled',
        '%pluginupgraded',
        '%pluginmoduleenabled',
        '%appinstalled',
        '%addoninstalled',
        '%installedapp',
        '%enabledapp',
        '%appenabled',
      ],
    },
    {
      kind: 'script',
      codes: [
        '%scriptexecuted',
        '%scriptconsole%',
        '%scriptrunner%',
        '%scriptcreated',
        '%hookscriptcreated',
        '%hookenabled',
        '%workflowupdated',
      ],
    },
    {
      kind: 'identity-provider',
      codes: [
        '%userdirectorycreated',
        '%directoryadded',
        '%directorycreated',
        '%idpconfigcreated',
        '%samlconfig%created',
        '%authenticationmethodadded',
      ],
    },
  ],
};
