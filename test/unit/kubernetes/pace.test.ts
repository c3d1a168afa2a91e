import { expect, test } from "vitest";
import { pauseAfter, waitAfter } from "../../../src/adapters/kubernetes/client/pace.ts";
import { AftershockError } from "../../../src/core/model/error.ts";

test.each([
  { name: "after a calm time it is looked at once", inARow: 0, ms: 250 },
  { name: "a few changes in a row are followed as they come", inARow: 5, ms: 250 },
  { name: "more of them are followed more slowly", inARow: 6, ms: 500 },
  { name: "and ever more slowly", inARow: 9, ms: 4_000 },
  { name: "a storm is looked at twice a minute", inARow: 10_000, ms: 30_000 },
])("$name", ({ inARow, ms }) => expect(pauseAfter(inARow, 250)).toBe(ms));

test.each([
  { name: "is ours when the server asks for none", askedMs: undefined, ms: 250 },
  { name: "is the server's when that is longer", askedMs: 5_000, ms: 5_000 },
  { name: "is ours when the server's is shorter", askedMs: 100, ms: 250 },
  { name: "is half a minute at most, whatever the server asks for", askedMs: 86_400_000, ms: 30_000 },
])("the wait after a failure $name", ({ askedMs, ms }) => {
  const options = askedMs === undefined ? {} : { retryAfterMs: askedMs };
  expect(waitAfter(new AftershockError("cluster-throttled", "busy", options), 250)).toBe(ms);
});
