import { parser } from "@prometheus-io/lezer-promql";
import { quoted } from "./promql.ts";

/** Label names and the value that each must have; an empty value means that the label is absent. */
export type Matchers = Readonly<Record<string, string>>;

/** `name="value"` for each, escaped. */
export const matcherTexts = (matchers: Matchers): readonly string[] =>
  Object.entries(matchers).map(([name, value]) => `${name}=${quoted(value)}`);

/**
 * `query` with `matchers` (as PromQL writes them) in every one of its selectors, found by
 * Prometheus' own grammar, so that a brace in a string or the name of a function is not taken for
 * one.
 */
export function withMatchers(query: string, matchers: readonly string[]): string {
  if (matchers.length === 0) return query;
  const added = matchers.join(",");
  const places: { readonly at: number; readonly text: string }[] = [];
  parser.parse(query).iterate({
    enter({ name, node, from, to }) {
      if (name !== "VectorSelector") return;
      const braces = node.getChild("LabelMatchers");
      if (braces === null) places.push({ at: to, text: `{${added}}` });
      else {
        const isEmpty = query.slice(from, to).replace(/\s/g, "").endsWith("{}");
        places.push({ at: braces.from + 1, text: isEmpty ? added : `${added},` });
      }
    },
  });
  return places.reduceRight((text, { at, text: more }) => text.slice(0, at) + more + text.slice(at), query);
}
