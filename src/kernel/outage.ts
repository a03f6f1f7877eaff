/** Whether an error says that our own PostgreSQL is away, and not that a statement was wrong. */

const outageCodes = /^(08\w\w\w|57P0[123]|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT)$/;
const outageMessages =
  /connection terminated|connection ended|client has encountered a connection error|the database system is/i;

/** Whether `error` says that the database itself is away, and not that a statement was wrong. */
export function isOutage(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isOutage);
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  // DBOS keeps what broke its start as `error`, not as the cause.
  const within = 'error' in error ? error.error : undefined;
  return (
    outageCodes.test(code) || outageMessages.test(error.message) || isOutage(error.cause) || isOutage(within)
  );
}
