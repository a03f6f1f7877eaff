/** The nouns of hosts: what is to be examined and restarted, and how it is reached. */
import type { Fault } from '../../../kernel/errors.ts';

export const bootExpectations = ['reboot', 'reimage', 'none'] as const;
export type BootExpectation = (typeof bootExpectations)[number];

/** A host as a list declares it. Empty texts: not said. */
export interface Host {
  name: string;
  /** A name or an IP address. */
  address: string;
  port: number;
  /** Who to sign in as. */
  login: string;
  role: string;
  site: string;
  environment: string;
  /** `user@host:port[,…]`, or a name of ssh_config. */
  jump: string;
  /** Hosts by name, or roles as `role:NAME`, that are to be up before it is touched. */
  after: string[];
  boot: BootExpectation;
  attributes: Record<string, string>;
}

/** A host of the inventory, and the list that it came from. */
export interface KnownHost extends Host {
  source: string;
  updatedAt: Date;
}

export type HostEvent =
  | { type: 'host'; line: number; host: Host }
  | { type: 'reject'; fault: Fault & { file: string; line: number } };

/** Which hosts are meant; all conditions hold together. A pattern has `*` and `?`. */
export interface HostSelection {
  hosts?: string[];
  roles?: string[];
  sites?: string[];
  environments?: string[];
}
