/** All rules, those that are made for a source first. */
import type { DescendantRules } from '../types.ts';
import { anySource } from './any-source.ts';
import { atlassian } from './atlassian.ts';
import { aws } from './aws.ts';
import { github } from './github.ts';
import { linux } from './linux.ts';
import { okta } from './okta.ts';
import { cloudflare, kubernetes, postgresql, vault } from './platforms.ts';

export const descendantRules: readonly DescendantRules[] = [
  okta,
  atlassian,
  aws,
  github,
  linux,
  cloudflare,
  vault,
  kubernetes,
  postgresql,
  anySource,
];

/**
 * Names mean the same person within a realm. Sources that are not listed are a realm of their own; on Linux each
 * host is one.
 */
export const realms: Readonly<Record<string, readonly string[]>> = {
  atlassian: atlassian.sources,
  aws: aws.sources,
  github: github.sources,
  linux: linux.sources,
  cloudflare: cloudflare.sources,
};

export const hostRealms: readonly string[] = linux.sources;
