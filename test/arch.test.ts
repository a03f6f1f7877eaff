/** The boundaries of ARCHITECTURE.md, held by a test. */
import { expect, test } from 'vitest';
import { importsOf, loadedWith, sourceFiles } from './sources.ts';

const isTest = (path: string) => path.endsWith('.test.ts') || /\/(harness|__fixtures__)\b/.test(path);
const files = sourceFiles((path) => path.startsWith('src/') && path.endsWith('.ts') && !isTest(path));

/** Lower layers first; a file may import its own layer and those before it. */
const domain = [
  'context',
  'evidence',
  'plans',
  'advisory',
  'inventory',
  'exposure',
  'rotation',
  'hunt',
  'forensics',
  'reboot',
  'incident',
  'report',
];

/** What each part of src may import, besides itself. */
const allowed: [part: RegExp, may: RegExp][] = [
  [/^src\/kernel\//, /^src\/kernel\//],
  [
    /^src\/connectors\/(contract|calls|config)\.ts$/,
    /^src\/(kernel\/|connectors\/(contract|calls|config)\.ts)/,
  ],
  [
    /^src\/connectors\/conformance(\.ts$|\/)/,
    /^src\/(kernel\/|connectors\/(contract|calls|config|conformance)(\.ts|\/))/,
  ],
  [/^src\/connectors\/registry\.ts$/, /^src\/connectors\//],
  [/^src\/connectors\/([^/]+)\//, /^src\/(kernel\/|connectors\/(contract|calls|config)\.ts)/],
  [/^src\/store\//, /^src\/(kernel|store)\//],
  [/^src\/engine\//, /^src\/(kernel|store|engine)\//],
  [/^src\/ocsf\//, /^src\/(kernel|ocsf)\//],
  [/^src\/ssh\//, /^src\/(kernel|ssh)\//],
  [/^src\/lake\//, /^src\/(kernel|ocsf|lake)\//],
  [
    /^src\/domain\//,
    /^src\/(kernel|ocsf|store|engine|domain)\/|^src\/(lake|ssh)\/index\.ts$|^src\/connectors\/contract\.ts$/,
  ],
  [
    /^src\/api\//,
    /^src\/(kernel|engine|domain|api)\/|^src\/connectors\/contract\.ts$|^src\/(lake|ssh)\/index\.ts$/,
  ],
  [/^src\/cli\//, /^src\/(kernel|domain|api|cli)\//],
  // The practice estate is a company of its own: it knows servers and files, and nothing of our domain.
  [
    /^src\/replay\//,
    /^src\/(kernel|replay|api|cli)\/|^src\/store\/postgres\/|^src\/connectors\/(calls|contract)\.ts$/,
  ],
  // The files beside the folders join the parts together.
  [/^src\/[^/]+\.ts$/, /^src\//],
];

test('imports go one way', () => {
  const wrong: string[] = [];
  for (const file of files) {
    const rule = allowed.find(([part]) => part.test(file.path));
    expect(rule, `${file.path} belongs to no part`).toBeDefined();
    const own = /^src\/connectors\/[^/]+\//.exec(file.path)?.[0];
    for (const name of importsOf(file)) {
      if (!name.startsWith('src/') || rule?.[1].test(name) || (own && name.startsWith(own))) continue;
      wrong.push(`${file.path} imports ${name}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('domain modules import only those above them, and only by their door', () => {
  const wrong: string[] = [];
  const rank = (path: string) => domain.indexOf(/^src\/domain\/([^/.]+)/.exec(path)?.[1] ?? '');
  for (const file of files.filter(({ path }) => path.startsWith('src/domain/'))) {
    expect(rank(file.path), `${file.path} is in no known module`).toBeGreaterThanOrEqual(0);
    for (const name of importsOf(file).filter((one) => one.startsWith('src/domain/'))) {
      if (rank(name) === rank(file.path)) continue;
      // The context is what a verb acts with: it names the ledger, and every module after the ledger names it.
      if (file.path === 'src/domain/context.ts' && name === 'src/domain/evidence/index.ts') continue;
      const byDoor = /\/(index|nouns)\.ts$/.test(name) || name === 'src/domain/context.ts';
      if (rank(name) > rank(file.path) || !byDoor) wrong.push(`${file.path} imports ${name}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('others enter a domain module, a connector or the engine by its door', () => {
  const wrong = files.flatMap((file) =>
    importsOf(file)
      .filter((name) =>
        /^src\/(domain\/[^/]+|engine|connectors\/(?!conformance)[^/]+)\/(?!(index|nouns)\.ts$)/.test(name),
      )
      .filter(
        (name) =>
          !file.path.startsWith(/^src\/(domain\/[^/]+|engine|connectors\/[^/]+)\//.exec(name)?.[0] ?? ''),
      )
      .map((name) => `${file.path} imports ${name}`),
  );
  expect(wrong).toEqual([]);
});

/** All that is loaded with a file, and with what it loads in turn. */
function allLoadedWith(path: string): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const loaded = new Set<string>();
  const load = (name: string): void => {
    if (loaded.has(name)) return;
    loaded.add(name);
    const file = byPath.get(name);
    for (const next of file ? loadedWith(file) : []) load(next);
  };
  load(path);
  return [...loaded];
}

test('a command loads what it needs: neither help nor a server elsewhere needs the store', () => {
  // Of a domain module its nouns are loaded, and what those rest on; its verbs, and their libraries, wait.
  const light = new RegExp(
    [
      'node:.*|cli-progress|canonicalize|commander|hono/(client|http-exception)|pino|zod',
      'src/(kernel|cli|api/contract|domain)/.*|src/api/(index|actor|client|contract|errors|status)\\.ts',
      'src/main\\.ts|src/connectors/contract\\.ts',
    ].join('|'),
  );
  const finds = /src\/(main-elsewhere|data-folder|store\/folder-lock|store\/postgres\/binaries)\.ts/;
  const heavy = (path: string, ...may: RegExp[]) =>
    allLoadedWith(path).filter(
      (name) =>
        !may.some((one) => one.exec(name)?.[0] === name) || /^src\/domain\/.*\/(index|store)\.ts$/.test(name),
    );
  expect(heavy('src/main.ts', light)).toEqual([]);
  expect(heavy('src/main-elsewhere.ts', light, finds)).toEqual([]);
  expect(allLoadedWith('src/main.ts').length).toBeGreaterThan(80);
});

test('vendor libraries of connectors stay in their client.ts', () => {
  const vendor = /^(pg|ioredis)$/;
  const wrong = files
    .filter(({ path }) => /^src\/connectors\/[^/]+\//.test(path) && !path.endsWith('/client.ts'))
    .flatMap((file) =>
      importsOf(file)
        .filter((name) => vendor.test(name))
        .map((name) => `${file.path} imports ${name}`),
    );
  expect(wrong).toEqual([]);
});

test('there are no import cycles', () => {
  const edges = new Map(
    files.map((file) => [file.path, importsOf(file).filter((name) => name.startsWith('src/'))]),
  );
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) cycles.push([...trail.slice(at), path].join(' -> '));
    if (at >= 0 || done.has(path)) return;
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  expect(cycles).toEqual([]);
});

test('every limit is in one file', () => {
  const wrong = files
    .filter(({ path }) => path !== 'src/kernel/limits.ts')
    .flatMap(({ path, lines }) =>
      lines
        .filter((line) => /^(export )?const \w+(BytesMax|RowsMax|MsMax)\b/.test(line))
        .map((line) => `${path}: ${line}`),
    );
  expect(wrong).toEqual([]);
});
