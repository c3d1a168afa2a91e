import { readFileSync } from "node:fs";

/** Scoped, so that `npx` cannot fetch a stranger's package of the same name. */
const PACKAGE = "@aftershock-chaos/aftershock";

/** The package's version, from the package.json above this file. */
export function version(): string {
  for (const up of ["../package.json", "../../package.json"]) {
    try {
      const { name, version: found } = JSON.parse(readFileSync(new URL(up, import.meta.url), "utf8"));
      if (name === PACKAGE) return String(found);
    } catch {
      // not at this height: dist/ lies one folder deep, src/main two
    }
  }
  return "unknown";
}
