import { describe, expect, test } from "vitest";
import { expectGolden } from "../../support/golden.ts";
import { type Said, saidOf } from "./said.ts";
import { rowsOf, situationOf, TABLE } from "./situations.ts";

/** The answer that speaks against a pod, out of a gate's `gate: Kind ns/name: why`. */
const reasonOf = (closed: string): string => closed.replace(/^[a-z-]+: (?:pod \S+: |\S+ \S+\/\S+: )?/, "");

/** What two of the four say against each other. */
function contradictions({ whyNot, whatIf, gates, experiments, hit }: Said): string[] {
  const may = whyNot.startsWith("may be hit");
  const done = hit.length > 0;
  const refused = experiments.filter((one) => /^(refused|not injected)/.test(one));
  const [reasons = ""] = whyNot.split(" (");
  const against = may ? reasons.replace(/^may be hit(, but not )?/, "") : reasons;
  const impossible = whyNot.startsWith("no fault of the policy can be done");
  const open = Object.entries(gates).flatMap(([name, closed]) => (closed === null ? [name] : []));
  return [
    ...(may && refused.length > 0 ? [`why-not lets through what experiments refuse: ${refused[0]}`] : []),
    ...(!may && done ? [`experiments hit ${hit.join(", ")}, which why-not refuses`] : []),
    ...(may && open.length === 0 ? ["why-not lets through, and the gates let nothing"] : []),
    ...(done && open.length === 0 ? [`experiments hit ${hit.join(", ")}, and every gate is closed`] : []),
    ...(whatIf.includes(against) ? [] : [`plan --what-if does not say "${against}"`]),
    ...Object.entries(impossible ? {} : gates)
      .filter(
        ([name, closed]) => closed !== null && !whyNot.includes(reasonOf(closed)) && !whyNot.includes(`${name}: `),
      )
      .map(([name, closed]) => `only the gates say of ${name} "${closed}"`),
  ];
}

const text = (name: string, { whyNot, whatIf, gates, experiments }: Said): string =>
  [
    `## ${name}`,
    `why-not     ${whyNot}`,
    `what-if     ${whatIf}`,
    ...Object.entries(gates).map(([pod, closed]) => `gates       ${pod}: ${closed ?? "open"}`),
    ...experiments.map((one) => `experiment  ${one}`),
  ].join("\n");

describe.each(TABLE)("what is said of %s", (part) => {
  const rows = rowsOf(part);
  const answers = new Map<string, Said>();
  test.each(rows.map((row) => [row.name, row] as const))("%s", async (name, row) => {
    const said = await saidOf(situationOf(row));
    answers.set(name, said);
    expect(said.hit).toEqual([...row.hit].toSorted());
    expect(contradictions(said)).toEqual([]);
  });
  test("is what the table of fixtures says", () => {
    const all = rows.flatMap(({ name }) => (answers.has(name) ? [text(name, answers.get(name)!)] : []));
    expectGolden(`targets/${part}.txt`, all.join("\n\n"));
  });
});
