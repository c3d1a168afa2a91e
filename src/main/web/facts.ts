import type { Settings } from "../../app/preflight/settings.ts";
import { describeError } from "../../core/model/error.ts";
import { SECOND_MS } from "../../core/model/units.ts";
import type { MetricFamily } from "../../views/metrics.ts";
import { openDamageFamily } from "../print/counters.ts";
import { notFollowed } from "../setup/settings.ts";
import type { Wired } from "../wire.ts";
import { remembered } from "./remembered.ts";

/**
 * What the worker alone knows, and pages show; plain data, for it crosses from one thread to
 * another.
 */
export interface WorkerFacts {
  readonly settings: Settings;
  readonly notFollowed: readonly { readonly policy: string; readonly why: string }[];
  /** Numbers of this process for Prometheus. */
  readonly families: readonly MetricFamily[];
  /** Why it cannot do its work now, or null. */
  readonly notReady: string | null;
}

/** The journal is asked at most this often, real ms. */
const JOURNAL_KEPT_MS = 5 * SECOND_MS;

/** Tells how things are now, whoever asks how often. Never rejects. */
export function factsOf({ deps, counters, client }: Wired): () => Promise<WorkerFacts> {
  const kept = remembered<Pick<WorkerFacts, "notReady"> & { readonly damage: readonly MetricFamily[] }>(
    JOURNAL_KEPT_MS,
    () => performance.now(),
  );
  const journal = () =>
    deps.book.damaged().then(
      (open) => ({ notReady: null, damage: [openDamageFamily(open.length)] }),
      (cause: unknown) => ({ notReady: describeError(cause), damage: [] }),
    );
  return async () => {
    const { notReady, damage } = await kept("", journal);
    return {
      settings: deps.settings(),
      notFollowed: notFollowed(deps.teams.now()),
      families: [...counters.families(client.calls()), ...damage],
      notReady,
    };
  };
}
