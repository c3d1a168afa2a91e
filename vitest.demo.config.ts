import { defineConfig } from "vitest/config";

/** The demo told from beginning to end, two stories at once: each takes a minute or more, and about one core. */
export default defineConfig({
  test: {
    include: ["test/demo/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 5 * 60_000,
  },
});
