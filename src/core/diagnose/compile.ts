import { parseDocument } from "yaml";
import type * as z from "zod";
import { type Expression, type RuleLanguage, ruleLanguage, type Scope } from "./cel.ts";
import type { ConditionalText } from "./rule.ts";
import type { conditionalText } from "./schema.ts";
import { compileTemplate, type Template } from "./template.ts";

export interface RuleText {
  /** Name of the file, for messages. */
  readonly path: string;
  readonly text: string;
}

export interface RuleProblem {
  readonly file: string;
  /** Where in the file: `evidence[1].when`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
}

/** How a kind of rule is read: its shape, what its expressions see, and how it is compiled. */
export interface RuleKind<File, Rule> {
  readonly schema: z.ZodType<File>;
  scopeOf(file: File): Scope;
  compile(file: File, compiler: Compiler): Rule;
}

/**
 * Reads, validates and compiles one file. Never throws on bad text: a file with a problem gives no
 * rule, and every problem of it.
 */
export function readRule<File, Rule>(
  kind: RuleKind<File, Rule>,
  { path: file, text }: RuleText,
): { readonly rule: Rule } | { readonly problems: readonly RuleProblem[] } {
  const document = parseDocument(text, { uniqueKeys: true });
  if (document.errors.length > 0) {
    return { problems: document.errors.map(({ message }) => ({ file, path: "", message: firstLine(message) })) };
  }
  const parsed = kind.schema.safeParse(document.toJS({ maxAliasCount: 0 }));
  if (!parsed.success) {
    return {
      problems: parsed.error.issues.map(({ path, message }) => ({ file, path: pathText(path), message })),
    };
  }
  const compiler = new Compiler(ruleLanguage(kind.scopeOf(parsed.data)));
  const rule = kind.compile(parsed.data, compiler);
  if (compiler.problems.length === 0) return { rule };
  return { problems: compiler.problems.map((problem) => ({ file, ...problem })) };
}

/** Compiles every expression of a rule and collects what is wrong with any of them. */
export class Compiler {
  readonly problems: { path: string; message: string }[] = [];
  readonly #language: RuleLanguage;

  constructor(language: RuleLanguage) {
    this.#language = language;
  }

  conditional(path: string, text: z.infer<typeof conditionalText>): ConditionalText {
    if (typeof text === "string") return { when: null, text: this.template(path, text) };
    return { when: this.expression(`${path}.when`, text.when), text: this.template(`${path}.text`, text.text) };
  }

  expression(path: string, expression: string, wanted: readonly string[] = ["bool"]): Expression {
    return this.#try(
      path,
      () => this.#language.compile(expression, wanted),
      () => false,
    );
  }

  template(path: string, text: string): Template {
    return this.#try(
      path,
      () => compileTemplate(text, this.#language),
      () => "",
    );
  }

  #try<T>(path: string, compile: () => T, otherwise: T): T {
    try {
      return compile();
    } catch (cause) {
      this.problems.push({ path, message: cause instanceof Error ? cause.message : String(cause) });
      return otherwise;
    }
  }
}

const firstLine = (text: string): string => text.split("\n", 1)[0] ?? text;

const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, key) => (typeof key === "number" ? `${text}[${key}]` : text === "" ? String(key) : `${text}.${String(key)}`),
    "",
  );
