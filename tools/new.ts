/** `npm run new connector <id>`: a folder for a new connector, registered, whose conformance test fails until it is done. */

import { FirebreakError, messageOf } from '../src/kernel/errors.ts';
import { packageRoot } from '../src/kernel/paths.ts';
import { createConnector } from './new/connector.ts';

const usage = 'usage: npm run new connector <id>';
const [what, id, ...rest] = process.argv.slice(2);
try {
  if (what !== 'connector' || id === undefined || rest.length > 0)
    throw new FirebreakError('bad_input', usage);
  const { folder, files } = await createConnector(packageRoot, id);
  process.stdout.write(`${files.map((file) => `${folder}/${file}`).join('\n')}\n`);
  process.stderr.write(
    `Now start its server in ${folder}/harness.ts and run: CONNECTOR=${id} npx vitest run src/connectors/conformance.test.ts\n`,
  );
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 2;
}
