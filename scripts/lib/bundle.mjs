import { clientNode } from "./client-node.mjs";
import { EXTERNAL } from "./entries.mjs";
import { noUndici } from "./no-undici.mjs";
import { ROOT } from "./paths.mjs";

/** CommonJS packages inside the bundle call `require` for Node's own modules. */
const BANNER = `import { createRequire as createRequireOfBundle } from "node:module";
const require = createRequireOfBundle(import.meta.url);`;

/**
 * How the product is bundled, for esbuild: a benchmark of a part of it is bundled alike.
 * @type {import("esbuild").BuildOptions & { splitting: true }}
 */
export const BUNDLE = {
  absWorkingDir: ROOT,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24",
  external: EXTERNAL,
  plugins: [clientNode, noUndici],
  minifySyntax: true,
  minifyWhitespace: true,
  banner: { js: BANNER },
  define: { "process.env.NODE_ENV": '"production"' },
};
