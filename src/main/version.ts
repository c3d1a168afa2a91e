import { readFileSync } from "node:fs";

/** The package's version, from the package.json above this file. */
export function version(): string {
  for (const up of ["../package.json", "../../package.json"]) {
    try {
      const { name, version: found } = JSON.parse(readFileSync(new URL(up, import.meta.url), "utf8"));
      if (name === "aftershock") return String(found);
    } catch {
      // not at this height: dist/ lies one folder deep, src/main two
    }
  }
  return "unknown";
}
