import type { LabelRequirement } from "../model/policy.ts";
import { meetsOperator } from "./set-operator.ts";

type Labels = Readonly<Record<string, string>>;

/**
 * Keys and values as Kubernetes allows them:
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
 */
const KEY = /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const VALUE = /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/;

/**
 * A selector as `kubectl -l` takes it: `a=b`, `a==b`, `c!=d`, `e in (x,y)`, `e notin (x)`, `f`,
 * `!f`, joined by commas. Empty text selects everything.
 * @throws RangeError naming the part that is not a requirement
 */
export function parseSelector(text: string): readonly LabelRequirement[] {
  if (text.trim() === "") return [];
  return splitOutsideBrackets(text).map((part) => parseRequirement(part.trim()));
}

/** Splits at commas, but not at those between brackets. */
function splitOutsideBrackets(text: string): string[] {
  return text.split(/,(?![^()]*\))/);
}

function parseRequirement(part: string): LabelRequirement {
  const set = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(part);
  if (set !== null) {
    const values = (set[3] ?? "").split(",").map((value) => value.trim());
    return requirement(part, set[1], set[2] === "in" ? "In" : "NotIn", values);
  }
  const equality = /^([^\s=!]+)\s*(==|=|!=)\s*([^\s=!]*)$/.exec(part);
  if (equality !== null)
    return requirement(part, equality[1], equality[2] === "!=" ? "NotIn" : "In", [equality[3] ?? ""]);
  const existence = /^(!?)\s*([^\s=!()]+)$/.exec(part);
  if (existence !== null) return requirement(part, existence[2], existence[1] === "!" ? "DoesNotExist" : "Exists", []);
  throw new RangeError(`"${part}" is not a label requirement; write a=b, a!=b, a in (x,y), a notin (x), a or !a`);
}

function requirement(
  part: string,
  key: string | undefined,
  operator: LabelRequirement["operator"],
  values: readonly string[],
): LabelRequirement {
  if (key === undefined || !KEY.test(key)) throw new RangeError(`"${part}": "${key ?? ""}" is not a label key`);
  const wrong = values.find((value) => !VALUE.test(value));
  if (wrong !== undefined) throw new RangeError(`"${part}": "${wrong}" is not a label value`);
  return { key, operator, values };
}

/**
 * True when `labels` meet every requirement; `NotIn` also holds for a label that is not there, as
 * in Kubernetes.
 */
export const selects = (requirements: readonly LabelRequirement[], labels: Labels): boolean =>
  requirements.every(({ key, operator, values }) => meetsOperator(labels[key], operator, values) === true);

/** The requirement as people write it. */
export function formatRequirement({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case "In":
      return values.length === 1 ? `${key}=${values[0]}` : `${key} in (${values.join(",")})`;
    case "NotIn":
      return values.length === 1 ? `${key}!=${values[0]}` : `${key} notin (${values.join(",")})`;
    case "Exists":
      return key;
    case "DoesNotExist":
      return `!${key}`;
  }
}

/** `*` stands for any characters: `team-*` is every namespace whose name begins with `team-`. */
export function matchesPattern(pattern: string, name: string): boolean {
  if (!pattern.includes("*")) return pattern === name;
  const source = pattern.split("*").map((part) => part.replaceAll(/[.\\+?^${}()|[\]]/g, "\\$&"));
  return new RegExp(`^${source.join(".*")}$`).test(name);
}
