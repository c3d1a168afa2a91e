import { join } from "node:path";

const NAME = "@kubernetes/client-node";
const INSIDE = `/node_modules/${NAME}/`;

/**
 * For esbuild: of client-node only what is used goes into the bundle. The package does not say that
 * its modules do nothing by themselves, so all of its generated API would go along with the reader
 * of kubeconfigs: two of five megabytes.
 */
export const clientNode = {
  name: "client-node",
  setup(build) {
    build.onResolve({ filter: new RegExp(`^${NAME}$`) }, async ({ path, pluginData, ...from }) => {
      if (pluginData === NAME) return undefined;
      const found = await build.resolve(path, { ...from, pluginData: NAME });
      return { ...found, sideEffects: false };
    });
    // its files name each other in full
    build.onResolve({ filter: /^\./ }, ({ path, importer, resolveDir }) =>
      importer.includes(INSIDE) ? { path: join(resolveDir, path), sideEffects: false } : undefined,
    );
  },
};
