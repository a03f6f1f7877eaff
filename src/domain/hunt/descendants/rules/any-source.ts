/**
 * What the OCSF classes say, for sources without rules of their own and for events that their rules do not
 * name. https://schema.ocsf.io/1.8.0/categories/iam
 */
import type { DescendantRules } from '../types.ts';

export const anySource: DescendantRules = {
  sources: [],
  rules: [
    { kind: 'account', where: 'class_uid = 3001 AND activity_id = 1' },
    { kind: 'enabled-account', where: 'class_uid = 3001 AND activity_id = 2' },
    { kind: 'password-reset', where: 'class_uid = 3001 AND activity_id IN (3, 4)' },
    { kind: 'mfa-factor', where: 'class_uid = 3001 AND activity_id = 10' },
    {
      kind: 'permission-grant',
      where: '(class_uid = 3001 AND activity_id = 7) OR (class_uid IN (3005, 3006) AND activity_id = 1)',
    },
    { kind: 'group-membership', where: 'class_uid = 3006 AND activity_id = 3' },
    { kind: 'group', where: 'class_uid = 3006 AND activity_id = 6' },
    { kind: 'plugin', where: 'class_uid = 6002 AND activity_id IN (1, 3)' },
    // A source that fills made_uid says that something came into being, whatever it is.
    { kind: 'object', where: "made_uid != ''" },
  ],
};
