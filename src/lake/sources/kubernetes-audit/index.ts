/** Audit events of the Kubernetes API server: who asked a cluster for what, and whether it was allowed. */
import type { Source } from '../contract.ts';
import { hasTexts, jsonObject } from '../json-record.ts';
import { lowerCaseSpellings } from '../spellings.ts';

/** Names that Sigma's rules use for what stands deeper in the record. */
const short = {
  apigroup: 'objectRef.apiGroup',
  capabilities: 'requestObject.spec.containers.securityContext.capabilities.add',
  hostpath: 'requestObject.spec.volumes.hostPath.path',
};

const paths = [
  'objectRef.apiGroup',
  'objectRef.name',
  'objectRef.namespace',
  'objectRef.resource',
  'objectRef.subresource',
  'requestURI',
  'responseStatus.code',
  'sourceIPs',
  'user.groups',
  'user.username',
  'userAgent',
];

export const kubernetesAudit = {
  id: 'kubernetes-audit',
  title: 'Kubernetes audit',
  docs: 'https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/',
  framing: 'json',
  recordsFields: ['items'],
  recognise(record) {
    const event = jsonObject(record);
    return (
      event !== undefined &&
      hasTexts(event, 'auditID', 'verb') &&
      (String(event.apiVersion).startsWith('audit.k8s.io/') || ('stage' in event && 'requestURI' in event))
    );
  },
  sigma: [
    {
      product: 'kubernetes',
      service: 'audit',
      fields: { kind: 'json', aliases: { ...lowerCaseSpellings(paths), ...short } },
    },
  ],
} satisfies Source;
