import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { describeWith } from "../../support/requires.ts";

const pathOf = (name: string): string => new URL(`../../../rules/prometheus/${name}`, import.meta.url).pathname;

describeWith("promtool", "rules for Prometheus", () => {
  test.each(["aftershock.test.yaml", "alerts.test.yaml", "false-alarms.test.yaml"])(
    "do what the cases of %s say",
    async (cases) => {
      const { stdout } = await promisify(execFile)("promtool", ["test", "rules", pathOf(cases)]);
      expect(stdout).toContain("SUCCESS");
    },
  );
});
