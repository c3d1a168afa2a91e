import { defineConfig } from "vitest/config";

const shared = { setupFiles: ["test/support/fixed-seed.ts"], pool: "forks", testTimeout: 20_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      // Files of one process share what they import: loading it afresh for each takes most of the time.
      { test: { ...shared, name: "unit", include: ["test/unit/**/*.test.{ts,tsx}"], isolate: false } },
      {
        test: {
          ...shared,
          name: "others",
          include: ["test/**/*.test.{ts,tsx}"],
          exclude: ["test/unit/**", "test/cluster/**", "test/demo/**"],
        },
      },
    ],
  },
});
