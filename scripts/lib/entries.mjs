/** What is bundled: the name in `dist` and the source file that it starts from. */
export const ENTRIES = {
  aftershock: "src/main/cli.ts",
  sandbox: "src/sandbox/process.ts",
  "judge-thread": "src/adapters/system/judge/thread.ts",
  index: "src/index.ts",
};

/**
 * Packages that stay outside and are found in node_modules when the program runs: PGlite reads its WebAssembly and data
 * files beside its own code, and pg looks for its optional native part.
 */
export const EXTERNAL = ["@electric-sql/pglite", "@electric-sql/pglite/*", "pg-native"];
