import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { describeWith } from "../../support/requires.ts";

const RULE_TESTS = new URL("../../../rules/prometheus/aftershock.test.yaml", import.meta.url).pathname;

describeWith("promtool", "recording rules", () => {
  test("count what their test cases say", async () => {
    const { stdout } = await promisify(execFile)("promtool", ["test", "rules", RULE_TESTS]);
    expect(stdout).toContain("SUCCESS");
  });
});
