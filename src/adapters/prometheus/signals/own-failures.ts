import type { OwnFailures } from "../../../core/model/failures.ts";
import type { Labels } from "./classify.ts";
import { anyOf, placeholdersOf, quoted, wholePattern } from "./promql.ts";
import type { FailureTable, Signals } from "./signals.ts";

/** Patterns are matched whole, as Prometheus does. */
const whole = (matches: string): RegExp => new RegExp(`^(?:${matches})$`, "s");

/**
 * `signals` in which these services have their own table of failures; what one leaves out is that
 * of the signals file.
 * @throws SyntaxError for what is no regular expression: the configuration has refused it before
 */
export function withOwnFailures(signals: Signals, own: OwnFailures): Signals {
  const tables = Object.entries(own).map(([service, { any, exceptFlags, except }]): [string, FailureTable] => {
    const compiled = (of: typeof any) => of?.map(({ label, matches }) => ({ label, matches: whole(matches) }));
    return [
      service,
      {
        any: compiled(any) ?? signals.failure.any,
        exceptFlags: [...(exceptFlags ?? signals.failure.exceptFlags)],
        except: compiled(except) ?? signals.failure.except,
        neededBy: any === undefined ? signals.failure.neededBy : [],
      },
    ];
  });
  return tables.length === 0 ? signals : { ...signals, ownFailures: new Map(tables) };
}

/** How latency is asked for: of whom, and which of their requests did not fail. */
export interface SuccessTable {
  readonly values: { readonly successes: string; readonly unlabelled: string };
  /** That of the signals file. */
  readonly isGeneral: boolean;
  /** Matchers that choose the services of the table; none for that of all others. */
  readonly matching: readonly string[];
  /** Whether what these labels say is read by this table. */
  takes(labels: Labels): boolean;
}

/**
 * The table of the signals file, and those of services with tables of their own; the first alone
 * for a query that does not ask by tables.
 */
export function successTables(signals: Signals, query: string): readonly SuccessTable[] {
  const { failure, ownFailures, labels: names } = signals;
  const idOf = (labels: Labels): string => `${labels[names.serviceNamespace] ?? ""}/${labels[names.serviceName] ?? ""}`;
  const isOwn = (labels: Labels): boolean => ownFailures?.has(idOf(labels)) === true;
  const asksByTable = placeholdersOf(query).includes("successes");
  const general: SuccessTable = {
    values: successValues(failure),
    isGeneral: true,
    matching: [],
    takes: (of) => !asksByTable || !isOwn(of),
  };
  if (!asksByTable || ownFailures === undefined) return [general];
  const groups = Map.groupBy([...ownFailures], ([, table]) => successValues(table).successes);
  const own = [...groups.values()].map((entries): SuccessTable => {
    const services = new Set(entries.map(([service]) => service));
    return {
      values: successValues(entries[0]![1]),
      isGeneral: false,
      matching: [`${names.serviceName}=~"${anyOf([...services].map((id) => id.slice(id.indexOf("/") + 1)))}"`],
      takes: (of) => services.has(idOf(of)),
    };
  });
  return [general, ...own];
}

export const successValues = ({ any }: FailureTable): SuccessTable["values"] => ({
  successes: any.map(({ label, matches }) => `${label}!~${promql(matches)}`).join(","),
  unlabelled: [...new Set(any.map(({ label }) => label))].map((label) => `${label}=""`).join(","),
});

/** Failures of some services, as matchers of queries whose answers add up. */
export interface OwnTerms {
  readonly services: ReadonlySet<string>;
  readonly terms: readonly (readonly string[])[];
}

/**
 * Matchers that choose the failed requests of services with tables of their own, those with the
 * same table together. The terms of one table have no series in common.
 */
export function ownTerms({ ownFailures = new Map(), labels }: Signals): readonly OwnTerms[] {
  const groups = Map.groupBy<string, readonly [string, FailureTable]>(ownFailures, ([, table]) =>
    JSON.stringify(termsOf(table, labels.flags)),
  );
  return [...groups].map(([terms, entries]) => {
    const ids = entries.map(([service]) => service);
    const names = `${labels.serviceName}=~"${anyOf(ids.map((id) => id.slice(id.indexOf("/") + 1)))}"`;
    const all = JSON.parse(terms) as readonly (readonly string[])[];
    return { services: new Set(ids), terms: all.map((term) => [names, ...term]) };
  });
}

function termsOf({ any, except, exceptFlags }: FailureTable, flags: string): readonly (readonly string[])[] {
  const not = ({ label, matches }: FailureTable["any"][number]): string => `${label}!~${promql(matches)}`;
  const shared = [
    ...except.map(not),
    ...(exceptFlags.length === 0 ? [] : [`${flags}!~"(.*,)?(${anyOf(exceptFlags)})(,.*)?"`]),
  ];
  return any.map(({ label, matches }, i) => [`${label}=~${promql(matches)}`, ...any.slice(0, i).map(not), ...shared]);
}

const promql = (matches: RegExp): string => quoted(wholePattern(matches));
