/** A request to a web server, as the access logs of Jira, Confluence and nginx tell it, each in its own way. */
export interface WebRequest {
  ip: string;
  /** '-' for nobody. */
  user: string;
  method: string;
  /** Path and query. */
  url: string;
  status: number;
  bytes: number;
  /** Time taken. */
  milliseconds: number;
  referrer: string;
  agent: string;
  session: string;
}

/** A session for a user and a day; nobody can tell it back to a cookie. */
export function sessionOf(user: string, at: number): string {
  let mix = Math.floor(at / 86_400_000);
  for (let index = 0; index < user.length; index++) mix = (Math.imul(mix, 31) + user.charCodeAt(index)) | 0;
  return (mix >>> 0).toString(36).padStart(7, '1');
}
