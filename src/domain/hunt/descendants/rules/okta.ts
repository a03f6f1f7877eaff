/** Okta System Log. Event types: https://developer.okta.com/docs/reference/api/event-types/ */
import type { DescendantRules } from '../types.ts';

export const okta: DescendantRules = {
  sources: ['okta'],
  rules: [
    { kind: 'account', codes: ['userlifecyclecreate', 'userimportusercreate'], technique: 'T1136.003' },
    {
      kind: 'enabled-account',
      codes: [
        'userlifecycleactivate',
        'userlifecyclereactivate',
        'userlifecycleunsuspend',
        'useraccountunlockbyadmin',
      ],
    },
    { kind: 'password-reset', codes: ['useraccountresetpassword', 'useraccountupdatepassword'] },
    {
      kind: 'mfa-factor',
      codes: [
        'usermfafactoractivate',
        'usermfafactorupdate',
        'deviceenrollmentcreate',
        'userauthenticationauthviafido%',
      ],
    },
    { kind: 'group-membership', codes: ['groupusermembershipadd'] },
    { kind: 'group', codes: ['grouplifecyclecreate'] },
    {
      kind: 'permission-grant',
      codes: [
        'useraccountprivilegegrant',
        'groupprivilegegrant',
        'iamresourcesetbindingsadd',
        'applicationusermembershipadd',
        'groupapplicationassignmentadd',
      ],
    },
    { kind: 'token', codes: ['systemapitokencreate', 'systemapitokenenable'] },
    {
      kind: 'oauth-app',
      codes: [
        'applicationlifecyclecreate',
        'appoauth2clientlifecyclecreate',
        'oauth2clientlifecyclecreate',
        'appoauth2clientsecretcreate',
        'oauth2clientsecretcreate',
      ],
    },
    {
      kind: 'oauth-consent',
      codes: ['appoauth2consentgrant', 'appoauth2asconsentgrant', 'applicationpolicyconsentgrant'],
    },
    {
      kind: 'identity-provider',
      codes: ['systemidplifecyclecreate', 'systemidplifecycleactivate', 'zonecreate'],
    },
    { kind: 'webhook', codes: ['eventhookcreated', 'inlinehookcreated', 'eventhookactivated'] },
    { kind: 'script', codes: ['workflowsuserflowcreate', 'workflowsuserflowon'], technique: 'T1648' },
  ],
};
