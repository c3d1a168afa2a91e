import { expect, test } from "vitest";
import { pauseAfter } from "../../../src/adapters/kubernetes/pace.ts";

test.each([
  { name: "after a calm time it is looked at once", inARow: 0, ms: 250 },
  { name: "a few changes in a row are followed as they come", inARow: 5, ms: 250 },
  { name: "more of them are followed more slowly", inARow: 6, ms: 500 },
  { name: "and ever more slowly", inARow: 9, ms: 4_000 },
  { name: "a storm is looked at twice a minute", inARow: 10_000, ms: 30_000 },
])("$name", ({ inARow, ms }) => expect(pauseAfter(inARow, 250)).toBe(ms));
