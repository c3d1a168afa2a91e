import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { configJsonSchema } from "../../../src/config/schema/json-schema.ts";

test("the JSON Schema that is shipped is the one that the code makes (node scripts/write-config-schema.ts)", () => {
  const shipped: unknown = JSON.parse(
    readFileSync(new URL("../../../rules/config.schema.json", import.meta.url), "utf8"),
  );
  expect(shipped).toEqual(JSON.parse(JSON.stringify(configJsonSchema())));
});

test("the JSON Schema refuses unknown keys and asks only for what has no default", () => {
  expect(configJsonSchema()).toMatchObject({
    additionalProperties: false,
    required: ["cluster", "prometheus", "policies"],
  });
});
