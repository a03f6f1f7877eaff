/** The API: the app, its server and its client. */
export { type AppType, createApi } from './app.ts';
export { answerOf, type Client, type ClientBase, createClient, inProcess, unwrap } from './client.ts';
export { asFirebreakError, errorBody } from './errors.ts';
export { createJobs, type Jobs } from './jobs-table.ts';
export type { ApiPorts, LogSettings } from './ports.ts';
export { type ApiServer, type ServeOptions, serve } from './server.ts';
export { type ExitCode, exitCodeOf, httpStatusOf } from './status.ts';
