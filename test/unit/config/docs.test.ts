import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseConfig } from "../../../src/config/load.ts";

const page = readFileSync(new URL("../../../docs/configuration.md", import.meta.url), "utf8");
const examples = [...page.matchAll(/```yaml\n(.*?)```/gs)].map((match, i) => ({
  title: `example ${i + 1}`,
  text: match[1] ?? "",
}));
const context = {
  file: "aftershock.yaml",
  env: { SLACK_WEBHOOK_URL: "https://hooks.slack.com/services/x" },
  readFile: async () => "text",
};

test.each(examples)("$title of docs/configuration.md is valid", async ({ text }) => {
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
