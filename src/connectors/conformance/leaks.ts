/** The search for secrets that came out where none belongs. It runs last and covers every case before it. */

import { expect } from './expect.ts';
import type { ConformanceCase } from './types.ts';

export const leakCases: ConformanceCase[] = [
  {
    name: 'no secret stands in a verdict, an outcome, an error, a log line, or in what the server wrote down',
    run: async (bench) => {
      expect(bench.secrets.length > 0, 'the cases before used secrets');
      const places: [string, string][] = [
        ['what came back or was logged', bench.noted()],
        ["the server's logs and files", await bench.estate.logs()],
      ];
      for (const [place, text] of places) {
        expect(text.length > 0, `${place} can be searched`);
        const found = bench.secrets.filter((secret) =>
          forms(secret.reveal()).some((form) => text.includes(form)),
        );
        expect(
          found.length === 0,
          `${place} holds no secret`,
          `${found.length} of ${bench.secrets.length} found`,
        );
      }
    },
  },
];

/** The ways in which a secret may stand in a text. */
function forms(secret: string): string[] {
  const quoted = JSON.stringify(secret).slice(1, -1);
  return [
    secret,
    quoted,
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  ];
}
