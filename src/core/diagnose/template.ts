import type { CelContext, RuleLanguage } from "./cel.ts";

export type Template = (context: CelContext) => string;

/**
 * Text with `{{ CEL }}` holes: each hole must give a string or an integer.
 * @throws Error naming the hole that is wrong
 */
export function compileTemplate(text: string, language: RuleLanguage): Template {
  const parts = splitHoles(text).map((part) => {
    if (part.kind === "text") return () => part.text;
    const hole = language.compile(part.text, ["string", "int"]);
    return (context: CelContext) => String(hole(context));
  });
  return (context) =>
    parts
      .map((part) => part(context))
      .join("")
      .trim();
}

interface Part {
  readonly kind: "text" | "hole";
  readonly text: string;
}

function splitHoles(text: string): Part[] {
  return text.split(/\{\{(.*?)\}\}/gs).map((part, i) => ({ kind: i % 2 === 0 ? "text" : "hole", text: part }));
}
