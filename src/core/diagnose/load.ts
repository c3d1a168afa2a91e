import { parseDocument } from "yaml";
import { type Expression, type RuleLanguage, ruleLanguage } from "./cel.ts";
import type { ConditionalText, DiagnosisRule } from "./rule.ts";
import { type RuleFile, ruleFile } from "./schema.ts";
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

export interface LoadedRules {
  readonly rules: readonly DiagnosisRule[];
  /** Every problem of every file; a file with a problem gives no rule. */
  readonly problems: readonly RuleProblem[];
}

/**
 * Reads, validates and compiles the rules; they come back by rank, then name. Never throws on bad
 * text.
 */
export function loadRules(texts: readonly RuleText[]): LoadedRules {
  const rules: DiagnosisRule[] = [];
  const problems: RuleProblem[] = [];
  for (const file of texts) {
    const read = readRule(file);
    if ("rule" in read) rules.push(read.rule);
    else problems.push(...read.problems);
  }
  for (const rule of rules.filter(({ name }, i) => rules.findIndex((other) => other.name === name) !== i)) {
    problems.push({ file: rule.name, path: "name", message: `two rules are named ${rule.name}` });
  }
  return { rules: rules.sort((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1)), problems };
}

type Read = { readonly rule: DiagnosisRule } | { readonly problems: readonly RuleProblem[] };

function readRule({ path: file, text }: RuleText): Read {
  const document = parseDocument(text, { uniqueKeys: true });
  if (document.errors.length > 0) {
    return { problems: document.errors.map(({ message }) => ({ file, path: "", message: firstLine(message) })) };
  }
  const parsed = ruleFile.safeParse(document.toJS({ maxAliasCount: 0 }));
  if (!parsed.success) {
    return {
      problems: parsed.error.issues.map(({ path, message }) => ({ file, path: pathText(path), message })),
    };
  }
  const compiler = new Compiler(ruleLanguage(parsed.data.scope));
  const rule = compiler.rule(parsed.data);
  if (compiler.problems.length === 0) return { rule };
  return { problems: compiler.problems.map((problem) => ({ file, ...problem })) };
}

/** Compiles every expression of a rule and collects what is wrong with any of them. */
class Compiler {
  readonly problems: { path: string; message: string }[] = [];
  readonly #language: RuleLanguage;

  constructor(language: RuleLanguage) {
    this.#language = language;
  }

  rule(file: RuleFile): DiagnosisRule {
    return {
      name: file.name,
      rank: file.rank,
      scope: file.scope,
      subject: file.subject,
      when: this.#expression("when", file.when),
      standsWhile: file.standsWhile === undefined ? null : this.#expression("standsWhile", file.standsWhile),
      title: this.#template("title", file.title),
      explanation: this.#template("explanation", file.explanation),
      evidence: file.evidence.map((text, i) => this.#conditional(`evidence[${i}]`, text)),
      now: file.advice.now === null ? null : this.#conditional("advice.now", file.advice.now),
      fix: file.advice.fix.map((text, i) => this.#conditional(`advice.fix[${i}]`, text)),
      cases: file.cases,
    };
  }

  #conditional(path: string, text: RuleFile["evidence"][number]): ConditionalText {
    if (typeof text === "string") return { when: null, text: this.#template(path, text) };
    return { when: this.#expression(`${path}.when`, text.when), text: this.#template(`${path}.text`, text.text) };
  }

  #expression(path: string, expression: string): Expression {
    return this.#try(
      path,
      () => this.#language.compile(expression, ["bool"]),
      () => false,
    );
  }

  #template(path: string, text: string): Template {
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
