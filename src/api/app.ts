/** The API: every route, behind one guard, described at /openapi.json. */
import { FirebreakError } from '../kernel/errors.ts';
import { advisoryRoutes } from './advisories.ts';
import { asFirebreakError, errorBody } from './errors.ts';
import { evidenceRoutes, tileRoutes } from './evidence.ts';
import { exposureRoutes } from './exposures.ts';
import { authenticate, limitBody, limitRate } from './guard.ts';
import { hostRoutes } from './hosts.ts';
import { huntAccessRoutes } from './hunt-access.ts';
import { huntSigmaRoutes } from './hunt-sigma.ts';
import { huntRoutes } from './hunts.ts';
import { incidentRoutes } from './incidents.ts';
import { installationRoutes } from './installation.ts';
import { inventoryRoutes } from './inventory.ts';
import { jobRoutes } from './jobs.ts';
import { createJobs, type Jobs } from './jobs-table.ts';
import { logRoutes } from './logs.ts';
import { describeApi } from './openapi.ts';
import type { ApiPorts } from './ports.ts';
import { rebootRoutes } from './reboots.ts';
import { reportRoutes } from './reports.ts';
import { rotationRoutes } from './rotations.ts';
import { createRouter, type Services } from './router.ts';
import { httpStatusOf } from './status.ts';
import { triageRoutes } from './triage.ts';

interface ApiOptions {
  /** Who makes it may stop its jobs before the store is closed. */
  jobs?: Jobs;
  requestsPerMinuteMax?: number;
}

/** The app. It answers only calls that say how they came in: see `inProcess` and `serve`. */
export function createApi(ports: ApiPorts, options: ApiOptions = {}) {
  const { clock } = ports.context('api');
  const services = { ports, jobs: options.jobs ?? createJobs(() => clock.now()) };
  const app = createRouter();
  app.use(limitRate(clock, options.requestsPerMinuteMax), authenticate(ports), limitBody);
  app.use(async (c, next) => {
    await next();
    c.header('x-content-type-options', 'nosniff');
    // A report is a page of its own; nothing in it may load or run anything.
    c.header(
      'content-security-policy',
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    );
  });
  app.onError((error, c) => {
    const known = asFirebreakError(error);
    return c.json(errorBody(known), httpStatusOf(known.code));
  });
  app.notFound((c) => {
    const error = new FirebreakError(
      'not_found',
      `no such path: ${c.req.method} ${c.req.path.slice(0, 200)}`,
    );
    return c.json(errorBody(error), 404);
  });
  const routes = addRoutes(app, services);
  routes.route('/', tileRoutes());
  routes.get('/openapi.json', (c) => c.json(describeApi(routes, ports.installation.version)));
  return routes;
}

const addRoutes = (app: ReturnType<typeof createRouter>, services: Services) =>
  app
    .route('/', installationRoutes(services))
    .route('/', advisoryRoutes())
    .route('/', incidentRoutes())
    .route('/', inventoryRoutes(services))
    .route('/', exposureRoutes(services))
    .route('/', rotationRoutes(services))
    .route('/', logRoutes(services))
    .route('/', huntRoutes(services))
    .route('/', hostRoutes(services))
    .route('/', triageRoutes(services))
    .route('/', rebootRoutes(services))
    .route('/', huntAccessRoutes(services))
    .route('/', huntSigmaRoutes(services))
    .route('/', evidenceRoutes(services))
    .route('/', reportRoutes())
    .route('/', jobRoutes(services));

/** What the typed client is typed by. */
export type AppType = ReturnType<typeof createApi>;
