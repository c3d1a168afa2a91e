import { posix } from "node:path";
import type { Facts } from "./source.ts";

/** What one folder of `src` may import. Folders are from the top of `src`; npm packages by name. */
interface Layer {
  readonly folders: readonly string[];
  readonly packages: "any" | readonly string[];
  /** Modules of Node itself. */
  readonly node: "any" | readonly string[];
}

/** npm packages that compute and do nothing else: no I/O, no clock. */
const PURE_PACKAGES = [
  "@marcbachmann/cel-js",
  "croner",
  "ical.js",
  "pure-rand",
  "simple-statistics",
  "temporal-polyfill",
];

const INSIDE = ["adapters", "app", "config", "core", "main", "ports", "views"];

const LAYERS: Readonly<Record<string, Layer>> = {
  core: { folders: ["core"], packages: PURE_PACKAGES, node: [] },
  ports: { folders: ["core", "ports"], packages: [], node: [] },
  app: { folders: ["app", "core", "ports"], packages: [], node: [] },
  // reading files and the environment is handed in: only what computes
  config: {
    folders: ["config", "core"],
    packages: [...PURE_PACKAGES, "yaml", "zod"],
    node: ["node:crypto", "node:path", "node:util"],
  },
  // hashes for the content security policy, and turns given to others between two charts
  views: {
    folders: ["core", "views"],
    packages: ["@dagrejs/dagre", "echarts", "hono", "zod"],
    node: ["node:crypto", "node:timers/promises"],
  },
  sandbox: { folders: ["adapters/system", "core", "sandbox"], packages: "any", node: "any" },
  main: { folders: INSIDE, packages: "any", node: "any" },
  "index.ts": { folders: INSIDE, packages: [], node: [] },
};

/**
 * Rules are data: their loader turns text into rules, and both packages only parse what they are
 * given.
 */
const RULE_LOADER: Layer = { folders: ["core"], packages: [...PURE_PACKAGES, "yaml", "zod"], node: [] };

/** The one part of configuration that touches the outside: it follows the file that changes. */
const CONFIG_WATCHER: Layer = { folders: ["config", "core"], packages: [], node: ["node:fs", "node:path"] };

/** The layer of a file of `src`; every vendor's adapter is a layer of its own. */
function layerOf(path: string): Layer | null {
  const [top = "", vendor = "", part = ""] = path.split("/").slice(1);
  if (path.startsWith("src/core/diagnose/")) return RULE_LOADER;
  if (path === "src/config/load/watch.ts") return CONFIG_WATCHER;
  if (top !== "adapters") return LAYERS[top] ?? null;
  const home = vendor === "storage" ? `adapters/storage/${part}` : `adapters/${vendor}`;
  // what several share lies beside their folders
  const shared = ["adapters/*", ...(vendor === "storage" ? ["adapters/storage/*"] : [])];
  return { folders: ["core", "ports", home, ...shared], packages: "any", node: "any" };
}

const packageName = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

/**
 * True when the file `target` (from the top of `src`) lies in `folder`; `folder/*` means its files,
 * not its subfolders.
 */
function liesIn(target: string, folder: string): boolean {
  if (folder.endsWith("/*")) return posix.dirname(target) === folder.slice(0, -2);
  return target === folder || target.startsWith(`${folder}/`);
}

function whyNotImport(path: string, layer: Layer, specifier: string): string | null {
  if (specifier.startsWith(".")) {
    const target = posix.join(posix.dirname(path), specifier).replace(/^src\//, "");
    if (target.startsWith("../")) return `${path} imports ${specifier}, which lies outside src`;
    return layer.folders.some((folder) => liesIn(target, folder)) ? null : `${path} must not import ${target}`;
  }
  if (specifier.startsWith("node:")) {
    return layer.node === "any" || layer.node.includes(specifier) ? null : `${path} must not import ${specifier}`;
  }
  if (layer.packages === "any" || layer.packages.includes(packageName(specifier))) return null;
  return `${path} must not import the package ${packageName(specifier)}`;
}

/** Imports of `path` that point outward: a sentence each. */
export function wrongImports(path: string, facts: Facts): string[] {
  const layer = layerOf(path);
  if (layer === null)
    return [`${path} lies in no known layer: add it to test/architecture/layers.ts and to the design`];
  return facts.imports.flatMap((specifier) => whyNotImport(path, layer, specifier) ?? []);
}

/**
 * Packages that are loaded lazily: a sentence each. In the bundle a CommonJS package that is loaded
 * so has no named exports, although it has them everywhere else; a module of ours that imports it
 * at its top is the thing to load lazily.
 */
export function wrongLazyImports(path: string, facts: Facts): string[] {
  return facts.lazyImports
    .filter((specifier) => !specifier.startsWith(".") && !specifier.startsWith("node:"))
    .map((specifier) => `${path} loads ${specifier} lazily: load a module of ours that imports it`);
}

/**
 * The system adapter is where time and chance come from; a process of its own has to start
 * somewhere too.
 */
const MAY_ASK = ["src/adapters/system/", "src/sandbox/process.ts"];
/**
 * Real timers and stop watches: adapters talk to real servers, `main` waits for processes, and
 * files change in real time.
 */
const REAL_TIME = ["performance.now", "setTimeout()", "setInterval()", "crypto.randomUUID", "crypto.getRandomValues"];

/** Uses of time and chance in `path` that were not handed in: a sentence each. */
export function wrongAmbient(path: string, facts: Facts): string[] {
  if (MAY_ASK.some((prefix) => path.startsWith(prefix))) return [];
  const nearTheWorld = /^src\/(adapters\/|main\/|sandbox\/|config\/load\/watch\.ts$)/.test(path);
  return facts.ambient
    .filter((use) => !(nearTheWorld && REAL_TIME.includes(use)))
    .map((use) => `${path} uses ${use}: take a clock or a random source as argument`);
}
