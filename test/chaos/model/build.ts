import { readFileSync } from "node:fs";
import { join } from "node:path";
import vm from "node:vm";
import { build, type Plugin } from "esbuild";
import type { Environment } from "./environment.ts";
import type { Globals } from "./machine.ts";

const ROOT = join(import.meta.dirname, "../../..");
const INSIDE = join(import.meta.dirname, "inside");

/** What a simulated process has in the place of a module. */
const REPLACED: Readonly<Record<string, string>> = {
  "src/adapters/kubernetes/client/raw.ts": "raw.ts",
  "src/adapters/kubernetes/client/kubeconfig.ts": "unconnected.ts",
  "src/adapters/kubernetes/client/credentials.ts": "unconnected.ts",
  "src/adapters/kubernetes/client/transport.ts": "unconnected.ts",
  "src/main/open-cluster.ts": "wire.ts",
  "src/main/wire.ts": "wire.ts",
  "src/main/setup/configured.ts": "configured.ts",
};

/** Rules of diagnosis, which no life has, need these: they take longest to start. */
const UNUSED = /^(zod|@marcbachmann\/cel-js)$/;
const UNUSED_NAMES =
  "array boolean discriminatedUnion enum int literal looseObject number object record strictObject string tuple union".split(
    " ",
  );
const ANYTHING = `const any = new Proxy(function () {}, {
  get: (_, key) => (key === Symbol.toPrimitive ? () => "" : any),
  apply: () => any,
  construct: () => any,
});
export { any as z, any as Environment, ${UNUSED_NAMES.map((name) => `any as ${name}`).join()} };`;

/** One line of the product that is written wrong. */
export interface Change {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export const PROGRAMS = ["worker", "run", "look", "halt", "resume"] as const;
export type ProgramName = (typeof PROGRAMS)[number];
export type Programs = Readonly<Record<ProgramName, () => Promise<number>>>;

/** Loads the program afresh into a process: what its modules remember is its own. */
export type Load = (globals: Globals, environment: Environment) => Programs;

/** Bundles the program, with `changes` in it, for any number of simulated processes. */
export async function buildPrograms(changes: readonly Change[] = []): Promise<Load> {
  const { outputFiles } = await build({
    entryPoints: [join(INSIDE, "programs.ts")],
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    platform: "node",
    format: "cjs",
    target: "node22",
    logLevel: "error",
    plugins: [replacing(changes)],
  });
  const [file] = outputFiles;
  const parameters = "require, module, AbortSignal, setTimeout, clearTimeout, performance, Date, ENVIRONMENT";
  const text = `(function (${parameters}) { ${file?.text}\n})`;
  const script = new vm.Script(text, { filename: "programs.cjs" });
  const start = script.runInThisContext() as (...given: unknown[]) => void;
  return ({ Date: ShownDate, ...given }, environment) => {
    const module = { exports: {} as { readonly programs: Programs } };
    const { require, AbortSignal, setTimeout, clearTimeout, performance } = given;
    start(require, module, AbortSignal, setTimeout, clearTimeout, performance, ShownDate, environment);
    return module.exports.programs;
  };
}

/** The file with the change in it. @throws RangeError when it is not there exactly once */
export function changed({ file, from, to }: Change): string {
  const text = readFileSync(join(ROOT, file), "utf8");
  const found = text.split(from).length - 1;
  if (found !== 1) throw new RangeError(`${file} has ${found} times: ${from}`);
  return text.replace(from, () => to);
}

const replacing = (changes: readonly Change[]): Plugin => ({
  name: "simulated",
  setup(its) {
    const paths = new Map(Object.entries(REPLACED).map(([path, inside]) => [join(ROOT, path), join(INSIDE, inside)]));
    its.onResolve({ filter: /^\.{1,2}\// }, ({ path, resolveDir }) => {
      const instead = paths.get(join(resolveDir, path));
      return instead === undefined ? undefined : { path: instead };
    });
    its.onResolve({ filter: UNUSED }, ({ path }) => ({ path, namespace: "unused" }));
    its.onLoad({ filter: /.*/, namespace: "unused" }, () => ({ contents: ANYTHING, loader: "js" }));
    for (const change of changes) {
      const filter = new RegExp(`${change.file.replaceAll(/[.]/g, "\\.")}$`);
      its.onLoad({ filter }, () => ({ contents: changed(change), loader: "ts" }));
    }
  },
});
