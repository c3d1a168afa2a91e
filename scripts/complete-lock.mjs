/** `node scripts/complete-lock.mjs`: adds the platform packages that npm left out of package-lock.json. Run it after `npm install`. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./lib/paths.mjs";
import { missingPlatformPackages } from "./lib/platform-packages.mjs";
import { say } from "./lib/problem.mjs";

const path = join(ROOT, "package-lock.json");
const lock = JSON.parse(readFileSync(path, "utf8"));
const missing = missingPlatformPackages(lock.packages);
const byPath = ([a], [b]) => (a < b ? -1 : 1);
lock.packages = Object.fromEntries([...Object.entries(lock.packages), ...missing].sort(byPath));
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
say(missing.length === 0 ? "package-lock.json is complete" : `added ${missing.map(([name]) => name).join(", ")}`);
