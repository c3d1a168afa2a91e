import type { Reporter } from "../../../core/model/series.ts";
import type { Signals } from "./signals.ts";

/** Labels of one series. */
export type Labels = Readonly<Record<string, string>>;

/** Flags of an answer that a fault made up or held back. */
export const INJECTED_FLAGS: readonly string[] = ["FI", "DI"];

/**
 * Response flags of a request, without the `-` that means none. Envoy joins several with a comma,
 * in no fixed order.
 */
export function flagsOf(labels: Labels, signals: Signals): readonly string[] {
  const text = labels[signals.labels.flags] ?? "";
  return text === "" || text === "-" ? [] : text.split(",");
}

/** What a failed request is of the service that these labels name. */
export function failuresOf(labels: Labels, { failure, ownFailures, labels: names }: Signals): Signals["failure"] {
  const service = `${labels[names.serviceNamespace] ?? ""}/${labels[names.serviceName] ?? ""}`;
  return ownFailures?.get(service) ?? failure;
}

/**
 * A request with these labels counts as failed: by what it carries, and unless its caller went
 * away.
 */
export function isFailure(labels: Labels, signals: Signals): boolean {
  const table = failuresOf(labels, signals);
  if (flagsOf(labels, signals).some((flag) => table.exceptFlags.includes(flag))) return false;
  const matches = ({ label, matches }: Signals["failure"]["any"][number]): boolean => matches.test(labels[label] ?? "");
  return table.any.some(matches) && !table.except.some(matches);
}

/**
 * The service that these labels name, or null for what is no service (passthrough, unknown hosts).
 */
export function namedService(
  labels: Labels,
  signals: Signals,
): { readonly namespace: string; readonly name: string } | null {
  const namespace = labels[signals.labels.serviceNamespace] ?? "";
  const name = labels[signals.labels.serviceName] ?? "";
  if (namespace === "" || name === "") return null;
  if (signals.ignore.serviceNames.test(name) || signals.ignore.serviceNamespaces.test(namespace)) return null;
  return { namespace, name };
}

/** The service that these labels name and who reports it; null also when nobody known does. */
export function serviceOf(
  labels: Labels,
  signals: Signals,
): { readonly namespace: string; readonly name: string; readonly reporter: Reporter } | null {
  const service = namedService(labels, signals);
  const reporter = reporterOf(labels, signals);
  return service === null || reporter === null ? null : { ...service, reporter };
}

/** The workload that these labels say called, as `namespace/name`; empty when it is not known. */
export function callerOf(labels: Labels, { labels: { callerNamespace, callerName }, ignore }: Signals): string {
  const name = labels[callerName] ?? "";
  return name === "" || ignore.callers.test(name) ? "" : `${labels[callerNamespace] ?? ""}/${name}`;
}

function reporterOf(labels: Labels, signals: Signals): Reporter | null {
  const value = labels[signals.labels.reporter];
  if (value === undefined) return null;
  if (value === signals.reporters.source) return "source";
  if (value === signals.reporters.waypoint) return "waypoint";
  return value === signals.reporters.destination ? "destination" : null;
}
