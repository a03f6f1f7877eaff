/** What the routes of triage take and give. */
import { IncidentParam, JobStarted } from './contract/parts.ts';
import {
  CollectionProgressView,
  CollectRequest,
  CollectStarted,
  HostExceptionGranted,
  HostExceptionRequest,
  HostReportQuery,
  HostReportView,
  HostStatesPage,
  HostStatesQuery,
  ReopenedHosts,
  ScriptQuery,
  ScriptView,
  StackRequest,
  SurvivedRequest,
  TriageImportRequest,
  TriageStatus,
} from './contract/triage.ts';
import { createRoute, gives, takes } from './router.ts';

/** An id, the beginning of one, or `latest`. */
const CollectionParam = IncidentParam.extend({ collection: IncidentParam.shape.incident });

export const collect = createRoute({
  method: 'post',
  path: '/v1/incidents/{incident}/collections',
  summary: 'Fix the census of hosts and begin to examine them',
  request: { params: IncidentParam, body: takes(CollectRequest) },
  responses: gives(CollectStarted, 'It runs from now on'),
});

export const status = createRoute({
  method: 'get',
  path: '/v1/incidents/{incident}/triage',
  summary: 'The census of systems, the collections, and the first that are outstanding',
  request: { params: IncidentParam },
  responses: gives(TriageStatus, 'Counted now'),
});

export const hosts = createRoute({
  method: 'get',
  path: '/v1/incidents/{incident}/hosts',
  summary: 'Hosts of the incident with the verdict on each, a page at a time',
  request: { params: IncidentParam, query: HostStatesQuery },
  responses: gives(HostStatesPage, 'By name'),
});

export const show = createRoute({
  method: 'get',
  path: '/v1/incidents/{incident}/host',
  summary: 'One host: verdict, findings, facts, raw output',
  request: { params: IncidentParam, query: HostReportQuery },
  responses: gives(HostReportView, 'The host'),
});

export const progress = createRoute({
  method: 'get',
  path: '/v1/incidents/{incident}/collections/{collection}/progress',
  summary: 'How far a collection is',
  request: { params: CollectionParam },
  responses: gives(CollectionProgressView, 'Counted now'),
});

const control = (verb: 'resume' | 'pause' | 'cancel', summary: string) =>
  createRoute({
    method: 'post',
    path: `/v1/incidents/{incident}/collections/{collection}/${verb}` as const,
    summary,
    request: { params: CollectionParam },
    responses: gives(CollectionProgressView, 'It may still run for a moment'),
  });

export const resume = control('resume', 'Start or continue a collection');
export const pause = control('pause', 'Rest after the hosts under way; the others stay in line');
export const cancel = control('cancel', 'End; what was not attempted stays outstanding');

export const retry = createRoute({
  method: 'post',
  path: '/v1/incidents/{incident}/collections/{collection}/retry',
  summary: 'Ask once more the hosts that are not examined',
  request: { params: CollectionParam },
  responses: gives(ReopenedHosts, 'How many'),
});

export const stack = createRoute({
  method: 'post',
  path: '/v1/incidents/{incident}/stack',
  summary: 'What differs from its peers (a job)',
  request: { params: IncidentParam, body: takes(StackRequest) },
  responses: gives(JobStarted, 'The job; its result has the outliers, each with its reasons'),
});

export const survived = createRoute({
  method: 'post',
  path: '/v1/incidents/{incident}/survived',
  summary: 'What stood out before a restart, and what of it is still there (a job)',
  request: { params: IncidentParam, body: takes(SurvivedRequest) },
  responses: gives(JobStarted, 'The job; its result says of each outlier what became of it'),
});

export const importFile = createRoute({
  method: 'post',
  path: '/v1/incidents/{incident}/collections/imports',
  summary: 'Take in a collection that was made elsewhere (a job)',
  request: { params: IncidentParam, body: takes(TriageImportRequest) },
  responses: gives(JobStarted, 'The job; its result names each host, and counts what was rejected'),
});

export const script = createRoute({
  method: 'get',
  path: '/v1/collector',
  summary: 'The collector as a script to run by hand',
  request: { query: ScriptQuery },
  responses: gives(ScriptView, 'POSIX sh; it writes nothing'),
});

export const except = createRoute({
  method: 'post',
  path: '/v1/incidents/{incident}/hosts/exceptions',
  summary: 'Except a host that can not be examined until a time, signed',
  request: { params: IncidentParam, body: takes(HostExceptionRequest) },
  responses: gives(HostExceptionGranted, 'The exception and its ledger entry'),
});
