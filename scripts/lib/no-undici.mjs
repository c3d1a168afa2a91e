import { readFile } from "node:fs/promises";

/** Node's own module, got without naming it in an `import`. */
const OWN = 'module.exports = process.getBuiltinModule("node:http");';
/** What axios looks at while it is loaded, although an adapter of ours carries its requests. */
const LOOKS = [
  ["\ngetFetch();\n", "\n"],
  ["typeof G.FormData !== 'undefined' ? G.FormData : undefined", "undefined"],
];

/**
 * For esbuild: keeps Node from loading its built-in undici, 14 MiB and 90 ms of CPU in each process
 * and each thread. Two things did: an `import` of `node:http`, because it reads all its exports,
 * three of which come from undici (https://github.com/nodejs/node/blob/v24.x/lib/http.js), and
 * axios. It is still loaded when somebody uses `fetch` or `Response`.
 * @type {import("esbuild").Plugin}
 */
export const noUndici = {
  name: "no-undici",
  setup(build) {
    build.onResolve({ filter: /^(node:)?http$/ }, ({ kind }) =>
      kind === "require-call" ? null : { path: "node:http", namespace: "no-undici" },
    );
    build.onLoad({ filter: /.*/, namespace: "no-undici" }, () => ({ contents: OWN, loader: "js" }));
    build.onLoad({ filter: /\/axios\/dist\/node\/axios\.cjs$/ }, async ({ path }) => {
      let contents = await readFile(path, "utf8");
      for (const [look, instead] of LOOKS) {
        if (contents.split(look).length !== 2)
          return { errors: [{ text: `axios has no longer one "${look.trim()}": see scripts/lib/no-undici.mjs` }] };
        contents = contents.replace(look, instead);
      }
      return { contents, loader: "js" };
    });
  },
};
