/** HashiCorp Vault's audit device: a request and its response, a line each; secrets in it are HMACs. */
import { components } from '../cast-names.ts';
import { mixed } from '../rhythm.ts';
import { Stamps } from '../stamps.ts';
import type { Log } from '../stream.ts';
import { diceOf, oneFile, type World } from './world.ts';

interface VaultEvent {
  id: string;
  role: string;
  operation: 'read' | 'update' | 'list';
  path: string;
  ip: string;
  token: string;
  error: string;
}

export function vaultLog(world: World): Log<VaultEvent> {
  const dice = diceOf(world, 'vault');
  const stamps = new Stamps();
  const tokens = components.map(() => dice.hex32() + dice.hex32());
  return {
    id: 'vault',
    source: 'vault-audit',
    host: 'vault-01',
    share: 0.03,
    recordsPerEvent: 2,
    rhythm: mixed(0.7),
    path: oneFile('vault/audit.ndjson'),
    benign: () => {
      const index = dice.below(components.length);
      const role = components[index] ?? 'edge';
      const login = dice.chance(0.1);
      return {
        id: dice.uuid(),
        role,
        operation: login ? 'update' : 'read',
        path: login ? 'auth/approle/login' : `secret/data/${role}/runtime`,
        ip: `10.20.8.${20 + dice.below(60)}`,
        token: tokens[index] ?? '',
        error: dice.chance(0.005) ? 'permission denied' : '',
      };
    },
    write: (one, at) => {
      const time = stamps.isoMicros(at, one.path.length);
      const auth = `"auth":{"client_token":"hmac-sha256:${one.token}","accessor":"hmac-sha256:${one.token.slice(0, 63)}f","display_name":"approle-${one.role}","policies":["default","${one.role}"],"token_policies":["default","${one.role}"],"policy_results":{"allowed":${one.error === ''}},"metadata":{"role_name":"${one.role}"},"entity_id":"${one.id.slice(0, 8)}-0000-4000-a000-000000000000","token_type":"service"}`;
      const request = `"request":{"id":"${one.id}","client_id":"${one.role}","operation":"${one.operation}","mount_type":"kv","client_token":"hmac-sha256:${one.token}","namespace":{"id":"root"},"path":"${one.path}","remote_address":"${one.ip}","remote_port":${30_000 + one.path.length}}`;
      const failed = one.error === '' ? '' : `,"error":"1 error occurred:\\n\\t* ${one.error}\\n\\n"`;
      return [
        `{"time":"${time}","type":"request",${auth},${request}${failed}}`,
        `{"time":"${time}","type":"response",${auth},${request},"response":{"mount_type":"kv"}${failed}}`,
      ];
    },
  };
}
