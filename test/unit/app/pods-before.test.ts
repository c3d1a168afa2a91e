import { expect, test } from "vitest";
import { podsBefore } from "../../../src/app/observe/pods-before.ts";
import { replay } from "../../../src/core/experiment/life.ts";
import { experimentPlan, podChoice } from "../../support/experiments.ts";

const chosen = (id: string) =>
  replay([
    { kind: "planned", plan: experimentPlan({ id }) },
    { kind: "chosen", choice: podChoice() },
  ]);
const hit = podChoice().target.pods.map((pod) => pod.uid);

test("each experiment has its own pods from before, read once", async () => {
  const asked: string[] = [];
  const snapshot = async (id: string) => {
    asked.push(id);
    return { pods: [...hit, `beside-${id}`].map((uid) => ({ uid })) } as never;
  };
  const archive = { snapshot };
  for (const id of ["a", "a", "b"])
    expect(await podsBefore(archive, chosen(id))).toEqual(new Set([...hit, `beside-${id}`]));
  expect(asked).toEqual(["a", "b"]);
});

test.each([
  { name: "kept none", before: null },
  { name: "kept those of another time, without what was hit", before: { pods: [{ uid: "other" }] } },
])("nobody knows the pods of one that $name", async ({ before }) =>
  expect(await podsBefore({ snapshot: async () => before as never }, chosen("a"))).toBeNull(),
);
