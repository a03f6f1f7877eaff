/**
 * The ways in which intruders stay on a host, each planted harmlessly on a throw-away one: what is put there runs
 * nothing but `sleep` and `true`. The names follow ATT&CK.
 */
import { access } from './access.ts';
import { files } from './files.ts';
import type { Foothold } from './foothold.ts';
import { hooks } from './hooks.ts';
import { running } from './running.ts';
import { scheduled } from './scheduled.ts';

export const footholds: readonly Foothold[] = [...scheduled, ...hooks, ...files, ...access, ...running];
