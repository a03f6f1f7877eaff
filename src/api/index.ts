/** The API as its clients see it: the typed client, errors on the wire, exit codes. The server's side is server.ts. */
export { answerOf, type Client, type ClientBase, createClient, inProcess, unwrap } from './client.ts';
export { asFirebreakError, errorBody } from './errors.ts';
export { type ExitCode, exitCodeOf, httpStatusOf } from './status.ts';
