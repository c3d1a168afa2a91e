/**
 * `node scripts/release-version.mjs vX.Y.Z`: fails unless every file that names the version of a
 * release names this one. Needs no packages.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./lib/paths.mjs";
import { Problem, report } from "./lib/problem.mjs";

/** Each file, and every place in it. */
const PLACES = [
  ["package.json", /^ {2}"version": "(.+)"/m],
  ["package-lock.json", /^ {2}"version": "(.+)"/m],
  ["deploy/Dockerfile", /^ARG VERSION=(.+)$/m],
  ["deploy/helm/aftershock/Chart.yaml", /^version: (.+)$/m],
  ["deploy/helm/aftershock/Chart.yaml", /^appVersion: (.+)$/m],
  ["deploy/kustomize/base/kustomization.yaml", /newTag: "?([^"\s]+)"?/],
  ["CHANGELOG.md", /^## \[(\d.*?)\]/m],
];

try {
  const [tag = ""] = process.argv.slice(2);
  const wrong = PLACES.flatMap(([file, pattern]) => {
    const found = pattern.exec(readFileSync(join(ROOT, file), "utf8"))?.[1];
    return `v${found}` === tag ? [] : [`${file} says ${found ?? "none"}`];
  });
  if (wrong.length > 0)
    throw new Problem(`the tag is ${tag || "missing"}, but ${wrong.join(", ")}`, "see docs/releasing.md");
} catch (cause) {
  report(cause);
  process.exitCode = 1;
}
