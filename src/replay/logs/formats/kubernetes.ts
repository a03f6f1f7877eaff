/** Audit log of the Kubernetes API server. https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/ */
import { mixed } from '../rhythm.ts';
import { Stamps } from '../stamps.ts';
import type { Log } from '../stream.ts';
import { attendanceOf, diceOf, oneFile, type World } from './world.ts';

interface KubernetesEvent {
  user: string;
  groups: string;
  verb: string;
  resource: string;
  namespace: string;
  name: string;
  ip: string;
  agent: string;
  code: number;
}

const controllers = [
  'deployment-controller',
  'replicaset-controller',
  'endpointslice-controller',
  'cronjob-controller',
] as const;
const watched = ['pods', 'configmaps', 'deployments', 'endpointslices', 'leases'] as const;
const verbs = ['get', 'list', 'watch', 'update', 'patch'] as const;
const namespaces = ['apps', 'edge', 'data', 'kube-system'] as const;

export function kubernetesLog(world: World): Log<KubernetesEvent> {
  const dice = diceOf(world, 'kubernetes');
  const ids = diceOf(world, 'kubernetes:ids');
  const people = attendanceOf(world, dice);
  const stamps = new Stamps();
  return {
    id: 'kubernetes',
    source: 'kubernetes-audit',
    share: 0.03,
    rhythm: mixed(0.7),
    path: oneFile('kubernetes/audit.ndjson'),
    benign: (at) => {
      const human = dice.chance(0.15);
      const person = human ? people.at(at) : undefined;
      const resource = dice.pick(watched);
      const controller = dice.pick(controllers);
      return {
        user: person ? person.email : `system:serviceaccount:kube-system:${controller}`,
        groups: person
          ? '"developers","system:authenticated"'
          : '"system:serviceaccounts","system:authenticated"',
        verb: person ? dice.pick(['get', 'list'] as const) : dice.pick(verbs),
        resource,
        namespace: dice.pick(namespaces),
        name: `${resource}-${dice.hex8().slice(0, 5)}`,
        ip: person ? person.ip : '10.80.0.10',
        agent: person
          ? 'kubectl/v1.28.3 (darwin/arm64) kubernetes/a8a1abc'
          : `kube-controller-manager/v1.27.7 (linux/amd64) kubernetes/07a61d8/system:serviceaccount:kube-system:${controller}`,
        code: dice.chance(0.01) ? 403 : 200,
      };
    },
    write: (one, at) => {
      const group =
        one.resource === 'deployments' ? 'apps' : one.resource === 'leases' ? 'coordination.k8s.io' : '';
      const root = group === '' ? '/api/v1' : `/apis/${group}/v1`;
      const time = stamps.isoMicros(at, 120);
      return (
        `{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"${ids.uuid()}","stage":"ResponseComplete","requestURI":"${root}/namespaces/${one.namespace}/${one.resource}/${one.name}","verb":"${one.verb}",` +
        `"user":{"username":"${one.user}","groups":[${one.groups}]},"sourceIPs":["${one.ip}"],"userAgent":"${one.agent}","objectRef":{"resource":"${one.resource}","namespace":"${one.namespace}","name":"${one.name}",${group === '' ? '' : `"apiGroup":"${group}",`}"apiVersion":"v1"},` +
        `"responseStatus":{"metadata":{},"code":${one.code}},"requestReceivedTimestamp":"${time}","stageTimestamp":"${time}","annotations":{"authorization.k8s.io/decision":"${one.code === 403 ? 'forbid' : 'allow'}","authorization.k8s.io/reason":""}}`
      );
    },
  };
}
