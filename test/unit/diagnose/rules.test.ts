import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { testRules } from "../../../src/core/diagnose/cases.ts";
import { EDGE_FACTS, EXPERIMENT_FACTS, WORKLOAD_FACTS } from "../../../src/core/diagnose/facts.ts";
import { loadRules } from "../../../src/core/diagnose/load.ts";
import { shippedRules, shippedRuleTexts } from "../../support/rules.ts";

describe("the shipped rules", () => {
  test("have no problem, and each is named like its file", () => {
    const { rules, problems } = loadRules(shippedRuleTexts());
    expect(problems).toEqual([]);
    expect(rules.map(({ name }) => `${name}.yaml`).sort()).toEqual(
      shippedRuleTexts()
        .map(({ path }) => path)
        .sort(),
    );
  });

  test.each(testRules(shippedRules()))("$rule: $case", ({ failure }) => expect(failure).toBeNull());
});

test("the README names every fact, and none that there is not", () => {
  const readme = readFileSync(new URL("../../../rules/diagnosis/README.md", import.meta.url), "utf8");
  const named = readme
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .flatMap((line) =>
      [...(line.split("|")[1] ?? "").matchAll(/`(?:edge\.|experiment\.)?(\w+)`/g)].map((match) => match[1]),
    );
  const facts = [WORKLOAD_FACTS, EDGE_FACTS, EXPERIMENT_FACTS].flatMap((table) => Object.keys(table));
  expect(named.sort()).toEqual(facts.sort());
});

const RULE = `
name: no-hands
rank: 1
scope: workload
subject: workload
when: workload.hit
title: "{{ workload.name }} has no hands"
explanation: none
evidence: [none]
advice: { now: null, fix: [grow some] }
cases:
  - { name: hit, facts: { workload: { hit: true } }, finds: true, says: [cart has no hands] }
  - { name: not hit, facts: {}, finds: false }
`;
const load = (from: string | RegExp, to: string) => loadRules([{ path: "x.yaml", text: RULE.replace(from, to) }]);

describe("a rule file", () => {
  test("that is right loads, and its cases pass", () => {
    const { rules, problems } = load("", "");
    expect(problems).toEqual([]);
    expect(testRules(rules).map(({ failure }) => failure)).toEqual([null, null]);
  });

  test.each([
    { name: "an unknown key", from: "rank: 1", to: "rank: 1\nseverity: high", path: "", message: "severity" },
    { name: "an unknown fact", from: "when: workload.hit", to: "when: workload.hitt", path: "when", message: "hitt" },
    {
      name: "a condition that is not a condition",
      from: "when: workload.hit",
      to: "when: workload.replicas",
      path: "when",
      message: "gives int, expected bool",
    },
    {
      name: "a hole that is no text",
      from: "{{ workload.name }}",
      to: "{{ workload.services }}",
      path: "title",
      message: "expected string or int",
    },
    {
      name: "a broken expression",
      from: "when: workload.hit",
      to: "when: workload.",
      path: "when",
      message: "got EOF in `workload.`",
    },
    {
      name: "a fact of the other scope",
      from: "when: workload.hit",
      to: "when: edge.dependantOlder",
      path: "when",
      message: "edge",
    },
    {
      name: "a subject of the other scope",
      from: "subject: workload",
      to: "subject: dependant",
      path: "subject",
      message: "workload",
    },
    {
      name: "no case that finds it",
      from: "finds: true",
      to: "finds: false",
      path: "cases",
      message: "at least one case that finds",
    },
    {
      name: "a case with an unknown fact",
      from: "{ hit: true }",
      to: "{ hitt: true }",
      path: "cases[0].facts.workload",
      message: "hitt",
    },
    { name: "broken YAML", from: "evidence: [none]", to: "evidence: [none", path: "", message: "" },
  ])("$name is refused, with its place", ({ from, to, path, message }) => {
    const { rules, problems } = load(from, to);
    expect(rules).toEqual([]);
    expect(problems[0]).toMatchObject({ file: "x.yaml", path });
    expect(problems[0]?.message).toContain(message);
  });

  test("whose cases do not hold is told which", () => {
    const { rules } = load("cart has no hands", "cart has two hands");
    expect(testRules(rules)[0]?.failure).toContain('does not say "cart has two hands"');
  });

  test("that uses a name twice is a problem", () => {
    const twice = loadRules([
      { path: "a.yaml", text: RULE },
      { path: "b.yaml", text: RULE },
    ]);
    expect(twice.problems).toEqual([{ file: "no-hands", path: "name", message: "two rules are named no-hands" }]);
  });
});
