import { describeError } from "../../core/model/error.ts";
import { MINUTE_MS } from "../../core/model/units.ts";
import { matchesPattern } from "../../core/targeting/selector.ts";
import type { PodWatch } from "../../ports/pod-watch.ts";
import { namespacesOf } from "../preflight/snapshot-around.ts";
import { collectSignals } from "./collect-signals.ts";
import { type ConsiderDeps, considerAll } from "./consider.ts";

/** Namespaces come and go, and so do policies: what is followed is looked at this often. */
const LOOK_EVERY_MS = 5 * MINUTE_MS;
export interface WatchLossesDeps extends ConsiderDeps {
  readonly podWatch: PodWatch;
}

/**
 * Takes up what happens by itself in the namespaces of the policies, in every mode, until `signal`
 * aborts. Never rejects.
 */
export async function watchLosses(deps: WatchLossesDeps, signal: AbortSignal): Promise<void> {
  let following: { readonly names: string; readonly stop: AbortController; readonly ended: Promise<void> } | null =
    null;
  const collector = collectSignals(deps, (noticed) => considerAll(deps, noticed, signal), signal);
  while (!signal.aborted) {
    const names = await watchedNamespaces(deps, signal).catch((cause: unknown) => {
      if (!signal.aborted) deps.log.warn("cannot tell which namespaces to follow", { why: describeError(cause) });
      return null;
    });
    if (names !== null && following?.names !== names.join()) {
      following?.stop.abort();
      const stop = new AbortController();
      const ended = deps.podWatch.follow(names, collector.add, AbortSignal.any([signal, stop.signal]));
      following = { names: names.join(), stop, ended };
    }
    await deps.clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
  }
  await following?.ended;
  await collector.idle();
}

/**
 * Those that policies reach, by the same rule as targets: a protected one only by its full name.
 */
async function watchedNamespaces(deps: WatchLossesDeps, signal: AbortSignal): Promise<readonly string[]> {
  const { policies, protectedNamespaces } = deps.settings();
  const patterns = policies.flatMap((policy) => policy.target.namespaces);
  const found = await namespacesOf(deps.cluster, patterns, [], signal);
  const shielded = (name: string) => protectedNamespaces.some((pattern) => matchesPattern(pattern, name));
  return found.filter((name) => patterns.includes(name) || !shielded(name)).toSorted();
}
