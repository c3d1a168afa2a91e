import { badData, cannotAnswer } from "./errors.ts";
import { METRIC_NAME } from "./labels.ts";

export type MatchOp = "=" | "!=" | "=~" | "!~";

/** One condition on one label; an absent label has the value "". */
export interface Matcher {
  readonly name: string;
  readonly op: MatchOp;
  readonly value: string;
  matches(value: string): boolean;
}

/** Syntax that JavaScript takes and Prometheus' RE2 does not, and the other way round. */
const NOT_RE2 = /\(\?(?:[=!]|<[=!])|\\[1-9]|\(\?<[A-Za-z]/;
const ONLY_RE2 = /\(\?[a-zA-Z]*-?[a-zA-Z]*[:)](?<!\(\?:)|\(\?P<|\\[QEAzCpP]|\[\[:/;

/** A regular expression as Prometheus 2 reads it: RE2, anchored at both ends. */
export function anchored(source: string): RegExp {
  if (NOT_RE2.test(source)) throw badData(`error parsing regexp: invalid or unsupported Perl syntax: \`${source}\``);
  if (ONLY_RE2.test(source)) throw cannotAnswer(`this regular expression: ${source}`);
  try {
    return new RegExp(`^(?:${source})$`);
  } catch {
    throw badData(`error parsing regexp: \`${source}\``);
  }
}

export function matcher(name: string, op: MatchOp, value: string): Matcher {
  return { name, op, value, matches: test(op, value) };
}

function test(op: MatchOp, value: string): (candidate: string) => boolean {
  if (op === "=") return (candidate) => candidate === value;
  if (op === "!=") return (candidate) => candidate !== value;
  const pattern = anchored(value);
  const known = new Map<string, boolean>();
  const matches = (candidate: string): boolean => {
    let answer = known.get(candidate);
    if (answer === undefined) {
      answer = pattern.test(candidate);
      known.set(candidate, answer);
    }
    return answer;
  };
  return op === "=~" ? matches : (candidate) => !matches(candidate);
}

/** The metric that `matchers` ask for, or null when it is not given by `=`. */
export const metricName = (matchers: readonly Matcher[]): string | null =>
  matchers.find((m) => m.name === METRIC_NAME && m.op === "=")?.value ?? null;
