/** Events that are OCSF already, of any class and version 1. */
import type { Source } from '../contract.ts';
import { asObject, jsonObject } from '../json-record.ts';

export const ocsf = {
  id: 'ocsf',
  title: 'OCSF events',
  docs: 'https://schema.ocsf.io/',
  framing: 'json',
  recordsFields: ['events', 'Records'],
  recognise(record) {
    const event = jsonObject(record);
    const metadata = asObject(event?.metadata);
    return (
      typeof event?.class_uid === 'number' &&
      (typeof event.time === 'number' || typeof event.time_dt === 'string') &&
      typeof metadata?.version === 'string'
    );
  },
  sigma: [
    { product: 'ocsf', fields: { kind: 'json', aliases: {} } },
    {
      product: 'linux',
      category: 'process_creation',
      where: 'class_uid = 1007 AND activity_id = 1',
      fields: {
        kind: 'columns',
        expressions: {
          commandline: 'process_cmd_line',
          image: 'process_path',
          processid: 'toString(process_pid)',
          parentprocessid: 'toString(parent_pid)',
          user: 'actor_user_name',
        },
      },
    },
  ],
  quietSecondsMax: 14_400,
} satisfies Source;
