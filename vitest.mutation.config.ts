import { defineConfig } from "vitest/config";

/** The tests that are to notice a mutant: `scripts/mutation.mjs` names them. */
export default defineConfig({
  test: {
    include: (process.env.AFTERSHOCK_MUTATION_TESTS ?? "test/unit/**/*.test.ts").split(","),
    setupFiles: ["test/support/fixed-seed.ts"],
    testTimeout: 20_000,
  },
});
