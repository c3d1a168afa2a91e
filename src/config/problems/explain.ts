import type { z } from "zod";
import type { Path, Problem } from "./problem.ts";
import type { Yaml } from "./yaml.ts";

const NAMES: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a map",
  record: "a map",
  null: "nothing",
};

function nameOf(input: unknown): string {
  if (input === null) return "nothing";
  if (Number.isFinite(input) && !Number.isInteger(input)) return "a fraction";
  return NAMES[Array.isArray(input) ? "array" : typeof input] ?? typeof input;
}

/**
 * Words for what zod finds and the schema says nothing special about. Never the value itself: it
 * might be a secret in the wrong place.
 */
export function explain(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type": {
      const wanted = NAMES[issue.expected] ?? issue.expected;
      return issue.input === undefined
        ? `is missing; expected ${wanted}`
        : `expected ${wanted}, got ${nameOf(issue.input)}`;
    }
    case "too_small":
      return issue.origin === "array"
        ? `expected at least ${issue.minimum} item`
        : `expected ${issue.origin === "string" ? "at least one character" : `at least ${issue.minimum}`}`;
    case "too_big":
      return `expected at most ${issue.maximum}${issue.origin === "string" ? " characters" : ""}`;
    case "invalid_union":
      return issue.input === undefined ? "is missing" : undefined;
    default:
      return undefined;
  }
}

/** The issues of one parse as problems with their lines. */
export function problemsOf(error: z.ZodError, yaml: Pick<Yaml, "lineOf">): Problem[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.filter((key) => typeof key !== "symbol");
    if (issue.code !== "unrecognized_keys") return [problem(yaml, path, issue.message)];
    // The line of the stranger itself; one message may name several.
    return [problem(yaml, path, issue.message, [...path, issue.keys[0] ?? ""])];
  });
}

function problem(yaml: Pick<Yaml, "lineOf">, path: Path, message: string, at: Path = path): Problem {
  return { path, line: yaml.lineOf(at), message };
}
