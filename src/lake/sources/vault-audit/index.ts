/** HashiCorp Vault's audit device: who read, wrote or was handed which secret; the secrets themselves are HMACs. */
import type { Source } from '../contract.ts';
import { asObject, hasTexts, jsonObject } from '../json-record.ts';

export const vaultAudit = {
  id: 'vault-audit',
  title: 'HashiCorp Vault audit',
  docs: 'https://developer.hashicorp.com/vault/docs/audit',
  framing: 'json',
  recognise(record) {
    const entry = jsonObject(record);
    if (entry === undefined || !hasTexts(entry, 'time')) return false;
    const request = asObject(entry.request);
    return (
      (entry.type === 'request' || entry.type === 'response') &&
      request !== undefined &&
      hasTexts(request, 'id', 'operation') &&
      'path' in request
    );
  },
  sigma: [{ product: 'vault', service: 'audit', fields: { kind: 'json', aliases: {} } }],
} satisfies Source;
