import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { imageStart } from "../../../scripts/lib/image-start.mjs";

const ROOT = join(import.meta.dirname, "../../..");
const { nodeOptions } = imageStart();

test("the image warms its compile cache with the options it runs with: the cache of other options is never read", () => {
  const dockerfile = readFileSync(join(ROOT, "deploy/Dockerfile"), "utf8");
  expect(dockerfile).toContain(`node ${nodeOptions.join(" ")} /tmp/warm.mjs /app`);
});

test("the image of the tests on a cluster starts as the published one does", () => {
  const options = nodeOptions.map((option) => JSON.stringify(option)).join(",");
  expect(readFileSync(join(ROOT, ".ci/run"), "utf8")).toContain(`"/usr/local/bin/node",${options},"/app/dist`);
});
