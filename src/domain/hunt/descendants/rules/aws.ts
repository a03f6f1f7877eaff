/** AWS CloudTrail. Event names are those of the APIs: https://docs.aws.amazon.com/service-authorization/latest/reference/ */
import type { DescendantRules } from '../types.ts';

export const aws: DescendantRules = {
  sources: ['aws-cloudtrail', 'cloudtrail', 'aws'],
  rules: [
    { kind: 'account', codes: ['createuser', 'createaccount'], technique: 'T1136.003' },
    {
      kind: 'password-reset',
      codes: [
        'createloginprofile',
        'updateloginprofile',
        'changepassword',
        'adminsetuserpassword',
        'adminresetuserpassword',
      ],
    },
    {
      kind: 'access-key',
      codes: ['createaccesskey', 'createservicespecificcredential', 'resetservicespecificcredential'],
    },
    {
      kind: 'session',
      codes: [
        'assumerole',
        'assumerolewithsaml',
        'assumerolewithwebidentity',
        'assumeroot',
        'getsessiontoken',
        'getfederationtoken',
        'getsignintoken',
      ],
    },
    { kind: 'mfa-factor', codes: ['createvirtualmfadevice', 'enablemfadevice'] },
    {
      kind: 'ssh-key',
      codes: [
        'uploadsshpublickey',
        'importkeypair',
        'createkeypair',
        'sendsshpublickey',
        'sendserialconsolesshpublickey',
      ],
    },
    { kind: 'group-membership', codes: ['addusertogroup', 'creategroupmembership'] },
    { kind: 'group', codes: ['creategroup'] },
    { kind: 'role', codes: ['createrole', 'updateassumerolepolicy', 'createinstanceprofile'] },
    {
      kind: 'permission-grant',
      codes: [
        'attachuserpolicy',
        'attachrolepolicy',
        'attachgrouppolicy',
        'putuserpolicy',
        'putrolepolicy',
        'putgrouppolicy',
        'createpolicyversion',
        'setdefaultpolicyversion',
        'addroletoinstanceprofile',
        'putbucketpolicy',
        'putkeypolicy',
        'creategrant',
        'addpermission%',
        'createaccountassignment',
        'putresourcepolicy',
        'modifyimageattribute',
        'modifysnapshotattribute',
        'modifydbsnapshotattribute',
      ],
    },
    {
      kind: 'identity-provider',
      codes: [
        'createsamlprovider',
        'updatesamlprovider',
        'createopenidconnectprovider',
        'addclientidtoopenidconnectprovider',
        'createtrustanchor',
      ],
    },
    {
      kind: 'scheduled-job',
      codes: ['putrule', 'puttargets', 'createschedule', 'createstatemachine'],
      technique: 'T1648',
    },
    {
      kind: 'script',
      codes: [
        'createfunction%',
        'updatefunctioncode%',
        'createeventsourcemapping%',
        'createdocument',
        'sendcommand',
      ],
      technique: 'T1648',
    },
    {
      kind: 'compute',
      codes: ['runinstances', 'createstack', 'createcluster', 'runtask', 'createnotebookinstance'],
    },
  ],
};
