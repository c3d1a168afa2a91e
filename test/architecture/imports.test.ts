import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { circles } from "./circles.ts";
import { wrongAmbient, wrongImports, wrongLazyImports } from "./layers.ts";
import { filesByFolder, modulesOf, upwardImports } from "./modules.ts";
import { reachOf } from "./reach.ts";
import { factsOf, readSources } from "./source.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const files = readSources(ROOT, "src").map((file) => ({ path: file.path, facts: factsOf(file) }));

const MOST_FILES = 24;
/**
 * Collections of one kind: each file is one more of the same, and a reader needs none of the
 * others.
 */
const COLLECTIONS = ["src/core/stats", "src/app/preflight/gates", "src/main/commands", "src/main/register"];
/**
 * Folders whose subfolders and files are steps of the data flow: imports between them run one way.
 */
const STEPWISE = [
  "src/app",
  "src/core",
  "src/core/judge",
  "src/adapters/kubernetes",
  "src/adapters/prometheus",
  "src/config",
  "src/main",
];

const LONGEST_LINES = 300;
/** Files that may be longer, and why. */
const LONG_FILES: Readonly<Record<string, string>> = {};

describe("the sources", () => {
  test("imports point inward: core ← ports ← adapters and app, only main sees everything, nobody imports the sandbox", () => {
    expect(files.length).toBeGreaterThan(20);
    expect(files.flatMap(({ path, facts }) => wrongImports(path, facts))).toEqual([]);
  });

  test("no files need each other", () => expect(circles(files)).toEqual([]));

  test.each(STEPWISE)("no import between the modules of %s runs upward", (folder) => {
    const modules = modulesOf(folder, files);
    expect(modules.modules.length).toBeGreaterThan(2);
    expect(upwardImports(modules)).toEqual([]);
  });

  test(`no folder has more than ${MOST_FILES} files, unless it collects one kind`, () => {
    const crowded = filesByFolder(files).filter(({ files: count }) => count > MOST_FILES);
    expect(crowded.filter(({ folder }) => !COLLECTIONS.includes(folder))).toEqual([]);
  });

  test("only modules of ours are loaded lazily", () => {
    expect(files.flatMap(({ path, facts }) => wrongLazyImports(path, facts))).toEqual([]);
  });

  test.each(["config", "explain", "findings", "journal", "plan", "rbac", "rules"])(
    "the command %s brings no client of a cluster with it",
    (name) => {
      const reached = reachOf(`src/main/commands/${name}.ts`, files);
      expect(reached.size).toBeGreaterThan(5);
      expect([...reached].filter((one) => one === "@kubernetes/client-node" || one.endsWith("/client.ts"))).toEqual([]);
    },
  );

  test("of the Kubernetes client only the reader of kubeconfigs is loaded: its typed API would take a third of the worker's memory", () => {
    const loaded = files.flatMap(({ facts }) =>
      facts.values.filter((one) => one.startsWith("@kubernetes/client-node")),
    );
    expect([...new Set(loaded)]).toEqual(["@kubernetes/client-node KubeConfig"]);
  });

  test("time and chance are arguments", () => {
    expect(files.flatMap(({ path, facts }) => wrongAmbient(path, facts))).toEqual([]);
  });

  test("nothing is exported as default", () => {
    expect(files.filter(({ facts }) => facts.defaultExport).map(({ path }) => path)).toEqual([]);
  });

  test(`a file of more than ${LONGEST_LINES} lines is listed with its reason`, () => {
    const long = files.filter(({ facts }) => facts.lines > LONGEST_LINES).map(({ path }) => path);
    expect(long.filter((path) => !LONG_FILES[path])).toEqual([]);
    expect(Object.keys(LONG_FILES).filter((path) => !long.includes(path))).toEqual([]);
  });
});

test("an import between modules that runs upward is found", () => {
  const file = (path: string, ...imports: string[]) => ({ path, facts: { imports } });
  const [read, write] = [file("src/app/read/a.ts", "../kept.ts"), file("src/app/write/b.ts", "../read/a.ts")];
  const oneWay = modulesOf("src/app", [read, write, file("src/app/kept.ts", "../core/x.ts")]);
  expect(oneWay.modules.map(({ name, level }) => `${level} ${name}`)).toEqual(["1 kept.ts", "2 read", "3 write"]);
  expect([oneWay.depth, upwardImports(oneWay)]).toEqual([3, []]);
  const bothWays = modulesOf("src/app", [read, write, file("src/app/kept.ts", "./write/b.ts")]);
  expect(upwardImports(bothWays)).toEqual(["kept.ts → write", "read → kept.ts", "write → read"]);
});

test("a circle is found, and named once, whoever else leads into it", () => {
  const file = (name: string, ...imports: string[]) => ({ path: `src/core/${name}.ts`, facts: { imports } });
  const chain = [file("start", "./a.ts"), file("a", "./b.ts"), file("b", "node:fs", "./leaf.ts"), file("leaf")];
  expect(circles(chain)).toEqual([]);
  const closed = [...chain.slice(0, 2), file("b", "./a.ts", "./leaf.ts"), file("leaf")];
  expect(circles(closed)).toEqual(["src/core/a.ts → src/core/b.ts → src/core/a.ts"]);
});

describe("the rules themselves refuse", () => {
  test.each([
    { name: "an adapter in core", path: "src/core/a.ts", text: 'import { x } from "../adapters/log/pino.ts";' },
    {
      name: "a type of an adapter in core",
      path: "src/core/a.ts",
      text: 'import type { X } from "../adapters/log/a.ts";',
    },
    {
      name: "an import type expression in core",
      path: "src/core/a.ts",
      text: 'type X = import("../app/plan.ts").Plan;',
    },
    {
      name: "a parser in core, where no rules are loaded",
      path: "src/core/judge/a.ts",
      text: 'import { z } from "zod";',
    },
    { name: "a re-export in core", path: "src/core/a.ts", text: 'export * from "../ports/log.ts";' },
    { name: "a module of Node in core", path: "src/core/a.ts", text: 'import { readFileSync } from "node:fs";' },
    { name: "a package with I/O in core", path: "src/core/a.ts", text: 'import pg from "pg";' },
    { name: "a lazy import in core", path: "src/core/a.ts", text: 'const x = await import("../app/plan.ts");' },
    { name: "a computed import in app", path: "src/app/a.ts", text: "const x = await import(name);" },
    { name: "an adapter in app", path: "src/app/a.ts", text: 'import { x } from "../adapters/system/clock.ts";' },
    { name: "app in ports", path: "src/ports/a.ts", text: 'import { x } from "../app/plan.ts";' },
    { name: "another adapter", path: "src/adapters/slack/a.ts", text: 'import { x } from "../log/pino.ts";' },
    {
      name: "another storage",
      path: "src/adapters/storage/redis/a.ts",
      text: 'import { x } from "../sql/journal.ts";',
    },
    { name: "app in an adapter", path: "src/adapters/slack/a.ts", text: 'import { x } from "../../app/plan.ts";' },
    { name: "another package in config", path: "src/config/a.ts", text: 'import { x } from "commander";' },
    { name: "files in config", path: "src/config/a.ts", text: 'import { readFileSync } from "node:fs";' },
    { name: "ports in views", path: "src/views/a.tsx", text: 'import { x } from "../ports/log.ts";' },
    { name: "the sandbox in main", path: "src/main/a.ts", text: 'import { x } from "../sandbox/world.ts";' },
    { name: "app in the sandbox", path: "src/sandbox/a.ts", text: 'import { x } from "../app/plan.ts";' },
    { name: "a test in main", path: "src/main/a.ts", text: 'import { x } from "../support/requires.ts";' },
    { name: "a folder that the design does not know", path: "src/utils/a.ts", text: "" },
  ])("$name", ({ path, text }) => expect(wrongImports(path, factsOf({ path, text }))).toHaveLength(1));

  test.each([
    { name: "Date.now", path: "src/main/a.ts", text: "export const now = () => Date.now();" },
    { name: "Date.now by another name", path: "src/app/a.ts", text: 'export const now = Date["now"];' },
    { name: "new Date()", path: "src/adapters/slack/a.ts", text: "export const now = new Date();" },
    { name: "Date()", path: "src/adapters/slack/a.ts", text: "export const now = Date();" },
    { name: "Math.random", path: "src/sandbox/a.ts", text: "export const x = Math.random();" },
    { name: "a timer in app", path: "src/app/a.ts", text: "setTimeout(() => {}, 5);" },
    { name: "a stop watch in core", path: "src/core/a.ts", text: "export const t = performance.now();" },
  ])("$name", ({ path, text }) => expect(wrongAmbient(path, factsOf({ path, text }))).toHaveLength(1));

  test.each([
    { name: "a package", text: 'const { Redis } = await import("ioredis");' },
    { name: "a computed name", text: "const x = await import(name);" },
  ])("loading $name lazily", ({ text }) => {
    expect(wrongLazyImports("src/main/a.ts", factsOf({ path: "src/main/a.ts", text }))).toHaveLength(1);
  });

  test.each([
    { name: "export default", text: "export default 1;" },
    { name: "export as default", text: "const a = 1; export { a as default };" },
  ])("$name", ({ text }) => expect(factsOf({ path: "src/core/a.ts", text }).defaultExport).toBe(true));
});

test("values are told from types, whichever way they are imported", () => {
  const valuesOf = (text: string) => factsOf({ path: "src/main/a.ts", text }).values;
  expect(valuesOf('import { a, type B } from "x"; import type { C } from "x"; export type { D } from "x";')).toEqual([
    "x a",
  ]);
  expect(valuesOf('import * as a from "x"; import "y"; export { b as c } from "z";').map((one) => one[0])).toEqual([
    ..."xyz",
  ]);
  expect(valuesOf('import a from "x";')).toHaveLength(1);
});

describe("the rules themselves accept", () => {
  test.each([
    { name: "a module of ours", text: 'const { demo } = await import("./commands/demo.ts");' },
    { name: "a module of Node", text: 'const { DatabaseSync } = await import("node:sqlite");' },
  ])("loading $name lazily", ({ text }) => {
    expect(wrongLazyImports("src/main/a.ts", factsOf({ path: "src/main/a.ts", text }))).toEqual([]);
  });

  test.each([
    { name: "a pure package in core", path: "src/core/a.ts", text: 'import { mean } from "simple-statistics";' },
    { name: "core in core", path: "src/core/judge/a.ts", text: 'import { x } from "../stats/scan.ts";' },
    { name: "what adapters share", path: "src/adapters/slack/a.ts", text: 'import { x } from "../within.ts";' },
    { name: "what storages share", path: "src/adapters/storage/redis/a.ts", text: 'import { x } from "../keys.ts";' },
    { name: "a package's subpath", path: "src/views/a.tsx", text: 'import { html } from "hono/html";' },
    {
      name: "words about imports",
      path: "src/core/a.ts",
      text: '// import "node:fs"\nexport const x = \'import "node:fs"\';',
    },
    {
      name: "anything in main",
      path: "src/main/a.ts",
      text: 'import "pg"; import { x } from "../adapters/slack/a.ts";',
    },
  ])("$name", ({ path, text }) => expect(wrongImports(path, factsOf({ path, text }))).toEqual([]));

  test.each([
    { name: "a date with an argument", path: "src/core/a.ts", text: "export const d = (ms: number) => new Date(ms);" },
    { name: "the system adapter", path: "src/adapters/system/clock.ts", text: "export const now = () => Date.now();" },
    { name: "a real timer in an adapter", path: "src/adapters/slack/a.ts", text: "setTimeout(() => {}, 5);" },
  ])("$name", ({ path, text }) => expect(wrongAmbient(path, factsOf({ path, text }))).toEqual([]));
});

test("what a file brings with it is found through others, but not what is loaded later", () => {
  const file = (name: string, imports: string[], lazyImports: string[] = []) => ({
    path: `src/${name}.ts`,
    facts: { imports: [...imports, ...lazyImports], lazyImports },
  });
  const files = [file("a", ["./b.ts"]), file("b", ["far"], ["./c.ts"]), file("c", ["farther"])];
  expect([...reachOf("src/a.ts", files)]).toEqual(["src/a.ts", "src/b.ts", "far"]);
});

test("words live in core/text: it takes no value from the report", () => {
  const texts = files.filter(({ path }) => path.startsWith("src/core/text/"));
  expect(texts.length).toBeGreaterThan(5);
  const upward = texts.flatMap(({ path, facts }) =>
    facts.values.filter((one) => one.includes("/report/")).map((one) => `${path} takes ${one}`),
  );
  expect(upward).toEqual([]);
});
