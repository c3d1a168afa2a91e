/**
 * `node scripts/sbom.mjs [ROOT]`: the bill of materials as CycloneDX, on standard output: the
 * packages in the bundle, the Node that runs this script, and the Debian packages that
 * ROOT/var/lib/dpkg lists. Without ROOT: the npm package's own, without Node.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { npmScript } from "./lib/npm.mjs";
import { ROOT } from "./lib/paths.mjs";
import { Problem, report } from "./lib/problem.mjs";

function npmBill() {
  const args = [npmScript(), "sbom", "--sbom-format=cyclonedx", "--omit=dev", "--package-lock-only"];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: ROOT, encoding: "utf8", maxBuffer: 2 ** 26 }));
}

/** Distroless notes each package in a file of its own; Debian lists all in one. */
function statusOf(root) {
  const folder = join(root, "var/lib/dpkg");
  const single = join(folder, "status");
  const notes = join(folder, "status.d");
  const texts = existsSync(single) ? [readFileSync(single, "utf8")] : [];
  if (existsSync(notes))
    for (const name of readdirSync(notes).sort())
      if (!name.endsWith(".md5sums")) texts.push(readFileSync(join(notes, name), "utf8"));
  return texts.join("\n\n");
}

function debianComponents(root) {
  const components = statusOf(root)
    .split(/\n{2,}/)
    .flatMap((entry) => {
      const field = (name) => new RegExp(`^${name}: (.+)$`, "m").exec(entry)?.[1].trim();
      const [name, version, architecture] = [field("Package"), field("Version"), field("Architecture")];
      if (name === undefined || version === undefined) return [];
      const purl = `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${architecture}`;
      return [{ "bom-ref": purl, type: "library", name, version, purl }];
    });
  if (components.length === 0)
    throw new Problem(`no Debian package is listed in ${root}/var/lib/dpkg`, "name the root of the base image");
  return components;
}

function nodeComponent() {
  const version = process.version.slice(1);
  const purl = `pkg:generic/node@${version}`;
  return { "bom-ref": purl, type: "platform", name: "node", version, purl, licenses: [{ license: { id: "MIT" } }] };
}

try {
  const [root] = process.argv.slice(2);
  const bill = npmBill();
  // the same sources make the same file
  delete bill.serialNumber;
  delete bill.metadata.timestamp;
  const { name } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  Object.assign(bill.metadata.component, { type: "application", name });
  if (root !== undefined) bill.components.push(nodeComponent(), ...debianComponents(root));
  process.stdout.write(`${JSON.stringify(bill, null, 1)}\n`);
} catch (cause) {
  report(cause);
  process.exitCode = 1;
}
