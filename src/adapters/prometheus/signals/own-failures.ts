import type { OwnFailures } from "../../../core/model/failures.ts";
import { anyOf, quoted, wholePattern } from "./promql.ts";
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
