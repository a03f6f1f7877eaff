/** `except HOST...`: one signed exception a host, as every command grants them that accounts for hosts. */
import type { IncidentOption } from './command.ts';
import type { Io } from './io.ts';
import { periodOf } from './period.ts';
import { type GrantedException, printExceptions } from './views/exceptions.ts';
import type { Outcome } from './world.ts';

export interface ExceptOption extends IncidentOption {
  reason: string;
  approver: string;
  until: string;
}

interface ExceptRequest {
  host: string;
  reason: string;
  approver: string;
  until: string;
}

type Client = Awaited<ReturnType<Io['client']>>;

/** Asks `grant` for each host in turn, with the end of the day where `until` is a day. */
export async function exceptHosts(
  io: Io,
  hosts: readonly string[],
  { reason, approver, until }: ExceptOption,
  grant: (client: Client, request: ExceptRequest) => Promise<GrantedException & { until: string }>,
): Promise<Outcome> {
  const client = await io.client();
  const end = periodOf({ to: until }).to ?? until;
  const exceptions: (GrantedException & { until: string })[] = [];
  for (const host of hosts) exceptions.push(await grant(client, { host, reason, approver, until: end }));
  return {
    json: { exceptions },
    print: (paper) => printExceptions(paper, exceptions, { approver, until: end }),
  };
}
