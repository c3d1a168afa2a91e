/** What is bundled: the name in `dist` and the source file that it starts from. */
export const ENTRIES = {
  aftershock: "src/main/cli.ts",
  sandbox: "src/sandbox/process.ts",
  "judge-thread": "src/adapters/system/judge/thread.ts",
  "web-thread": "src/main/web/thread.ts",
  "store-thread": "src/adapters/storage/sqlite/thread.ts",
  index: "src/index.ts",
};

/**
 * Packages that stay outside and are looked for when the program runs: pg's optional native part,
 * which nobody has.
 */
export const EXTERNAL = ["pg-native"];
