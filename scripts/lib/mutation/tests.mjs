/**
 * Which tests are to notice mutants of which folder: those that hold its promises without a server
 * program. The longest prefix counts; other folders are held by all unit tests that import them.
 */
const TESTS = {
  "src/core/schedule": ["test/unit/schedule/**", "test/property/slots.test.ts", "test/unit/config/**"],
  "src/core/experiment": ["test/unit/experiment/**", "test/unit/app/**"],
  "src/core/targeting": ["test/unit/targeting/**", "test/unit/targets/**", "test/unit/preflight/**"],
  "src/app/preflight": ["test/unit/preflight/**", "test/unit/app/prepare.test.ts"],
  "src/app/inject": ["test/unit/app/**"],
  "src/app/experiment": ["test/unit/app/**"],
  "src/app/worker": ["test/unit/app/**"],
  "src/adapters/kubernetes": [
    "test/unit/kubernetes/**",
    "test/integration/kubernetes/**",
    "test/contract/faults.test.ts",
  ],
};
const OTHERS = ["test/unit/**", "test/property/**"];

/**
 * @param {readonly string[]} paths files or folders below the top folder
 * @returns {readonly string[]} patterns of test files
 */
export function testsOf(paths) {
  const of = (path) => {
    const folders = Object.keys(TESTS).filter((folder) => `${path}/`.startsWith(`${folder}/`));
    return folders.length === 0 ? OTHERS : TESTS[folders.sort((a, b) => b.length - a.length)[0]];
  };
  const patterns = [...new Set(paths.flatMap(of))];
  return patterns.map((pattern) => (pattern.endsWith("/**") ? `${pattern}/*.test.ts` : pattern));
}
