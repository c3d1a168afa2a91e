import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseConfig } from "../../../src/config/load/load.ts";

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
const examplesOf = (path: string) =>
  [...read(path).matchAll(/```yaml\n(.*?)```/gs)].map((match, i) => ({
    title: `example ${i + 1} of ${path}`,
    text: match[1] ?? "",
  }));
const examples = examplesOf("docs/configuration.md");
const context = {
  file: "aftershock.yaml",
  env: {
    SLACK_WEBHOOK_URL: "https://hooks.slack.com/services/x",
    SLACK_PAYMENTS: "https://hooks.slack.com/services/y",
    WEBHOOK_URL: "https://example.com/in",
    WEBHOOK_SECRET: "whsec_c2VjcmV0",
  },
  readFile: async () => "text",
};

test.each([...examples, ...examplesOf("README.md")])("$title is valid", async ({ text }) => {
  await expect(parseConfig(text, context)).resolves.toMatchObject({ cluster: "prod-eu" });
});

test("the full example shows every key at the top", () => {
  const schema: { properties: Record<string, unknown> } = JSON.parse(
    readFileSync(new URL("../../../rules/config.schema.json", import.meta.url), "utf8"),
  );
  const missing = Object.keys(schema.properties).filter(
    (key) => !new RegExp(`^${key}:`, "m").test(examples[1]?.text ?? ""),
  );
  expect(missing).toEqual([]);
});
