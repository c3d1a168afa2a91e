import { Environment } from "@marcbachmann/cel-js";
import { counted, joinNames } from "../text/format.ts";
import {
  EDGE_FACTS,
  type EdgeFacts,
  EXPERIMENT_FACTS,
  type ExperimentFacts,
  type FactType,
  WORKLOAD_FACTS,
  type WorkloadFacts,
} from "./facts.ts";
import { MANIFEST_FACTS, type ManifestFacts } from "./risks/facts.ts";

/**
 * What the expressions of one rule see: a pair with its edge or a workload, and the experiment; or,
 * before any experiment, what manifests say of a workload.
 */
export type Scope = "pair" | "workload" | "manifest";
export type ScopeFacts =
  | {
      readonly scope: "pair";
      readonly dependant: WorkloadFacts;
      readonly dependency: WorkloadFacts;
      readonly edge: EdgeFacts;
      readonly experiment: ExperimentFacts;
    }
  | { readonly scope: "workload"; readonly workload: WorkloadFacts; readonly experiment: ExperimentFacts }
  | { readonly scope: "manifest"; readonly workload: ManifestFacts };

type FactTable = Readonly<Record<string, FactType>>;

const VARIABLES: Readonly<Record<Scope, Readonly<Record<string, FactTable>>>> = {
  pair: { dependant: WORKLOAD_FACTS, dependency: WORKLOAD_FACTS, edge: EDGE_FACTS, experiment: EXPERIMENT_FACTS },
  workload: { workload: WORKLOAD_FACTS, experiment: EXPERIMENT_FACTS },
  manifest: { workload: MANIFEST_FACTS },
};

/** Facts of one scope in CEL's own values, made once for all rules. */
export type CelContext = Readonly<Record<string, unknown>>;

/** An expression that was parsed and whose types were checked. */
export type Expression = (context: CelContext) => unknown;

/** `compile` throws an Error whose message names the mistake, with the place in the expression. */
export interface RuleLanguage {
  compile(expression: string, wanted: readonly string[]): Expression;
}

/**
 * CEL with the facts of `scope` as typed variables, and `count(2, "pod")`, `names(list)` for texts.
 */
export function ruleLanguage(scope: Scope): RuleLanguage {
  const environment = new Environment()
    .registerFunction("count(int, string): string", (n: bigint, noun: string) => counted(Number(n), noun))
    .registerFunction("names(list<string>): string", (names: string[]) => joinNames(names));
  for (const [name, table] of Object.entries(VARIABLES[scope])) {
    environment.registerVariable({ name, schema: { ...table } });
  }
  return {
    compile(expression, wanted) {
      const checked = environment.check(expression);
      if (!checked.valid) throw new Error(`${firstLine(checked.error)} in \`${expression.trim()}\``);
      if (!wanted.includes(String(checked.type))) {
        throw new Error(`"${expression.trim()}" gives ${checked.type}, expected ${wanted.join(" or ")}`);
      }
      const parsed = environment.parse(expression);
      return (context) => parsed(context);
    },
  };
}

/** CEL's messages go on with a drawing of the place. */
const firstLine = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause)).split("\n", 1)[0] ?? "";

/** CEL's integers are BigInt; a plain number would be taken for a double and refused. */
export function celContext(facts: ScopeFacts): CelContext {
  const context: Record<string, unknown> = {};
  for (const [name, table] of Object.entries(VARIABLES[facts.scope])) {
    context[name] = celValues((facts as unknown as Record<string, Record<string, unknown>>)[name] ?? {}, table);
  }
  return context;
}

function celValues(values: Readonly<Record<string, unknown>>, table: FactTable): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(table).map(([field, type]) => {
      const value = values[field];
      return [field, type === "int" && typeof value === "number" ? BigInt(Math.trunc(value)) : value];
    }),
  );
}
