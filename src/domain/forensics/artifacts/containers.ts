/** Containers that are there, and those that could leave their walls. */
import { fieldsOf, filesOf, headOf } from '../collector/records.ts';
import { artifact, fact, fileFact } from './artifact.ts';

export const containers = artifact({
  id: 'containers',
  title: 'Containers',
  what: 'Containers of Docker, Podman and containerd with image, command, privileges and mounts; static pods; sockets of engines; processes in other pid spaces.',
  techniques: ['T1610', 'T1611'],
  withoutRoot: 'without root the containers of the engine cannot be read',
  script: String.raw`
for d in /var/lib/docker/containers/*; do [ -f "$d/hostconfig.json" ] && { r docker "$d"; head -c 60000 "$d/config.v2.json" | tr '\n' ' '; printf '\n'; head -c 30000 "$d/hostconfig.json" | tr '\n' ' '; printf '\n'; }; done
for d in /var/lib/containers/storage/overlay-containers/*/userdata /run/containerd/io.containerd.runtime.v2.task/*/*; do [ -f "$d/config.json" ] && { r oci "$d"; head -c 90000 "$d/config.json" | tr '\n' ' '; printf '\n'; }; done
for s in /var/run/docker.sock /run/containerd/containerd.sock /run/podman/podman.sock /run/crio/crio.sock; do [ -S "$s" ] && printf '%s\0' "$s"; done | meta
all ff /etc/kubernetes/manifests /etc/docker/daemon.json /etc/containers/systemd /usr/share/containers/systemd -type f
one=$(readlink /proc/1/ns/pid); [ -n "$one" ] && for p in /proc/[0-9]*; do n=$(readlink "$p/ns/pid"); [ -n "$n" ] && [ "$n" != "$one" ] && r space "$n" "$(readlink "$p/root")" "$(tr '\0' ' ' <"$p/cmdline" | head -c 300)"; done
`,
  parse: ({ rows }) => [
    ...rows.flatMap(({ tag, text }) => {
      const [head, body] = headOf(text);
      if (tag === 'docker') return [dockerFact(head, body)];
      if (tag === 'oci') return [ociFact(head, body)];
      return [];
    }),
    ...spaceFacts(rows),
    ...filesOf(rows).map((file) =>
      fileFact('containers', file, { technique: 'T1610', detail: { kind: 'file' } }),
    ),
  ],
});

type Json = { [key: string]: unknown };
const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const child = (value: Json, key: string): Json => (isJson(value[key]) ? (value[key] as Json) : {});
const list = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

function parse(text: string | undefined): Json {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return isJson(value) ? value : {};
  } catch {
    return {};
  }
}

function dockerFact(path: string, body: string) {
  const [first, second] = body.split('\n');
  const config = parse(first);
  const host = parse(second);
  const inner = child(config, 'Config');
  const image = String(inner.Image ?? '');
  const command = [...list(inner.Entrypoint), ...list(inner.Cmd)].join(' ');
  const risks = [
    host.Privileged === true ? 'privileged' : '',
    host.PidMode === 'host' ? 'the host’s processes' : '',
    host.NetworkMode === 'host' ? 'the host’s network' : '',
    ...list(host.CapAdd).map((one) => `capability ${one}`),
    ...list(host.Binds)
      .filter(isRiskyMount)
      .map((one) => `mount ${one}`),
  ].filter(Boolean);
  return containerFact(path, { name: String(config.Name ?? '').replace(/^\//, ''), image, command, risks });
}

const isRiskyMount = (bind: string): boolean =>
  /^\/(:|$)|^\/(etc|root|home|var\/run|run|proc|sys|dev|boot|var\/lib\/(docker|kubelet))?(\/[^:]*)?:|docker\.sock/.test(
    bind,
  ) && !/^\/(home|run)\/[^:]+\/data/.test(bind);

function ociFact(path: string, body: string) {
  const config = parse(body.split('\n')[0]);
  const inner = child(config, 'process');
  const annotations = child(config, 'annotations');
  const capabilities = list(child(inner, 'capabilities').bounding);
  const mounts = (Array.isArray(config.mounts) ? config.mounts : []).filter(isJson);
  const risks = [
    capabilities.includes('CAP_SYS_ADMIN') ? 'capability CAP_SYS_ADMIN' : '',
    ...mounts
      .map((mount) => `${String(mount.source ?? '')}:${String(mount.destination ?? '')}`)
      .filter((one) => /^(\/|\/etc|\/root|\/home|\/proc|\/boot):|docker\.sock/.test(one))
      .map((one) => `mount ${one}`),
  ].filter(Boolean);
  const image = String(
    annotations['io.kubernetes.cri.image-name'] ?? annotations['org.opencontainers.image.title'] ?? '',
  );
  return containerFact(path, { name: '', image, command: list(inner.args).join(' '), risks });
}

interface Container {
  name: string;
  image: string;
  command: string;
  risks: string[];
}

function containerFact(path: string, { name, image, command, risks }: Container) {
  return fact({
    artifact: 'containers',
    key: `container ${image || name} ${command}`,
    value: risks.join(', ') || 'within its walls',
    technique: risks.length > 0 ? 'T1611' : 'T1610',
    path,
    detail: { kind: 'container', name, image, command, risks: risks.join(', ') },
  });
}

/** One fact a pid space that is not the host's: something that runs as a container does. */
function spaceFacts(rows: Parameters<typeof filesOf>[0]) {
  const spaces = new Map<string, { root: string; command: string; count: number }>();
  for (const { tag, text } of rows) {
    if (tag !== 'space') continue;
    const [space = '', root = '', command = ''] = fieldsOf(headOf(text)[0], 2);
    const known = spaces.get(space);
    if (known) known.count += 1;
    else spaces.set(space, { root, command: command.trim(), count: 1 });
  }
  return [...spaces.values()].map(({ root, command, count }) =>
    fact({
      artifact: 'containers',
      key: `space ${command}`,
      value: root,
      technique: 'T1610',
      detail: { kind: 'space', command, root, processes: String(count) },
    }),
  );
}
