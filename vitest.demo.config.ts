import { defineConfig } from "vitest/config";

/** The demo told from beginning to end, one story after the other: each takes about a minute and both cores. */
export default defineConfig({
  test: {
    include: ["test/demo/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 5 * 60_000,
  },
});
