/**
 * `node scripts/image.mjs FOLDER`: builds deploy/Dockerfile with buildah and without an image
 * registry, on a base of Debian's packages and a Node from npm: FOLDER/aftershock.tar for this
 * machine and FOLDER/aftershock-arm64.tar of the same application, both OCI archives. Fails when
 * the image is too large, runs as root, or holds another architecture than it says. Debian on
 * amd64, as root.
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buildahIn, release } from "./lib/image/buildah.mjs";
import { configure, fetchPackages, pack, putNode, unpack } from "./lib/image/debian.mjs";
import { architectureOf, look } from "./lib/image/look.mjs";
import { ROOT } from "./lib/paths.mjs";
import { Problem, report, say } from "./lib/problem.mjs";
import { bringNode, bringNpm } from "./lib/toolchain.mjs";

/** What users pull, of all layers together. */
const LARGEST_BYTES = 70e6;
const TAG = "aftershock:ci";

async function makeBases(work, buildah) {
  const npm = await bringNpm();
  for (const [architecture, cpu] of [
    ["amd64", "x64"],
    ["arm64", "arm64"],
  ]) {
    const folder = join(work, architecture);
    const packages = fetchPackages(architecture, folder);
    const [base, node] = [join(folder, "base"), join(folder, "node")];
    unpack(base, packages.runtime);
    configure(base);
    pack(base, join(folder, "base.tar"));
    buildah.base(
      `localhost/base-${architecture}`,
      architecture,
      join(folder, "base.tar"),
      join(folder, "base-context"),
    );
    putNode(node, await bringNode("linux", cpu), architecture === "amd64" ? npm : undefined);
    if (architecture !== "amd64") continue;
    unpack(node, [...packages.runtime, ...packages.shell]);
    configure(node);
    pack(node, join(folder, "node.tar"));
    buildah.base("localhost/node-amd64", "amd64", join(folder, "node.tar"), join(folder, "node-context"));
  }
}

function check(archive, architecture, folder) {
  const { bytes, config, root } = look(archive, folder);
  const wrong = [];
  const node = architectureOf(join(root, "usr/local/bin/node"));
  if (bytes >= LARGEST_BYTES) wrong.push(`${bytes} bytes compressed, ${LARGEST_BYTES} at most`);
  if (config.architecture !== architecture) wrong.push(`it says that it is for ${config.architecture}`);
  if (node !== architecture) wrong.push(`its Node is for ${node}`);
  if (config.config.User !== "1000:1000") wrong.push(`it runs as ${config.config.User}`);
  if (existsSync(join(root, "usr/bin/sh"))) wrong.push("it has a shell");
  const labels = config.config.Labels ?? {};
  for (const name of ["title", "version", "revision", "licenses"])
    if (!labels[`org.opencontainers.image.${name}`]) wrong.push(`no label ${name}`);
  for (const path of [
    "etc/ssl/certs/ca-certificates.crt",
    "usr/share/zoneinfo/Europe/Berlin",
    "app/dist/aftershock.mjs",
  ])
    if (!existsSync(join(root, path))) wrong.push(`no /${path}`);
  const names = JSON.parse(readFileSync(join(root, "app/sbom.cdx.json"), "utf8")).components.map(({ name }) => name);
  for (const name of ["node", "libc6", "bullmq"]) if (!names.includes(name)) wrong.push(`${name} is not in its SBOM`);
  if (wrong.length > 0) throw new Problem(`${archive}: ${wrong.join("; ")}`, "mend deploy/Dockerfile");
  say(`${archive}: ${architecture}, ${(bytes / 1e6).toFixed(1)} MB compressed, ${names.length} components`);
  return root;
}

async function main(folder, work) {
  const buildah = buildahIn(work);
  const revision = execFileSync("git", ["rev-parse", "HEAD"], { cwd: ROOT, encoding: "utf8" }).trim();
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const shared = { VERSION: version, REVISION: revision };
  await makeBases(work, buildah);
  say("bases are made");
  const image = (architecture, args, contexts) => {
    const [name, file] = [`localhost/aftershock-${architecture}`, architecture === "amd64" ? "" : `-${architecture}`];
    buildah.build({ name, architecture, source: ROOT, args: { ...shared, ...args }, contexts });
    const archive = join(folder, `aftershock${file}.tar`);
    buildah.push(name, archive, TAG);
    return check(archive, architecture, join(work, `look-${architecture}`));
  };
  const root = image("amd64", { NODE_IMAGE: "localhost/node-amd64", BASE_IMAGE: "localhost/base-amd64" });
  // arm64 takes the application from the image above: here is no machine that could run its Node
  const application = join(work, "application");
  cpSync(join(root, "app"), join(application, "app"), { recursive: true });
  rmSync(join(application, "app/cache"), { recursive: true });
  image(
    "arm64",
    { NODE_IMAGE: "localhost/node-amd64", BASE_IMAGE: "localhost/base-arm64" },
    { build: application, node: join(work, "arm64/node") },
  );
}

const work = mkdtempSync(join(tmpdir(), "aftershock-image-"));
try {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) throw new Problem("no folder is named", "node scripts/image.mjs FOLDER");
  if (process.getuid?.() !== 0) throw new Problem("this needs root", "run it with sudo");
  mkdirSync(folder, { recursive: true });
  await main(resolve(folder), work);
} catch (cause) {
  report(cause);
  process.exitCode = 1;
} finally {
  release(work);
  rmSync(work, { recursive: true, force: true });
}
