/**
 * `node scripts/complete-lock.mjs`: adds the platform packages that npm left out of
 * package-lock.json, and the hash of each package that has none, as the registry tells it. Run it
 * after `npm install`.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./lib/paths.mjs";
import { missingPlatformPackages, withoutIntegrity } from "./lib/platform-packages.mjs";
import { say } from "./lib/problem.mjs";

const path = join(ROOT, "package-lock.json");
const lock = JSON.parse(readFileSync(path, "utf8"));
const missing = missingPlatformPackages(lock.packages);
const byPath = ([a], [b]) => (a < b ? -1 : 1);
lock.packages = Object.fromEntries([...Object.entries(lock.packages), ...missing].sort(byPath));
const hashless = withoutIntegrity(lock.packages);
for (const path of hashless) {
  const entry = lock.packages[path];
  const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
  const { version, ...rest } = entry;
  lock.packages[path] = { version, integrity: integrityOf(`${name}@${version}`), ...rest };
}
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
if (hashless.length > 0) say(`asked the registry for ${hashless.length} hashes`);
say(missing.length === 0 ? "package-lock.json is complete" : `added ${missing.map(([name]) => name).join(", ")}`);

function integrityOf(spec) {
  const integrity = execFileSync("npm", ["view", spec, "dist.integrity"], { encoding: "utf8" }).trim();
  if (/^sha512-[A-Za-z0-9+/]+=*$/.test(integrity)) return integrity;
  throw new Error(`the registry tells no hash of ${spec}: try again when it offers the package`);
}
