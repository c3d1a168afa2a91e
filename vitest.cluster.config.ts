import { defineConfig } from "vitest/config";

/** Tests against the cluster that KUBECONFIG names: one after the other, each with minutes of real time. */
export default defineConfig({
  test: {
    include: ["test/cluster/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 20 * 60_000,
    hookTimeout: 10 * 60_000,
  },
});
