import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { API_ROUTES } from "../../../src/views/api/openapi.ts";
import { FILTER_KEYS } from "../../../src/views/lists/filter.ts";

const page = readFileSync(join(import.meta.dirname, "../../../docs/api.md"), "utf8");

test("docs/api.md names every address of the API, no other, and all that narrows experiments", () => {
  const named = [...page.matchAll(/^\| `(\/api\/[^`]+)` \|/gm)].map(([, path]) => path);
  expect(named.filter((path) => path !== "/api/openapi.json").sort()).toEqual(
    API_ROUTES.map(({ path }) => path).sort(),
  );
  for (const key of FILTER_KEYS) if (key !== "refused") expect(page).toContain(`\`${key}\``);
});
