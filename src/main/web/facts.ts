import type { Settings } from "../../app/preflight/settings.ts";
import { describeError } from "../../core/model/error.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import { SECOND_MS } from "../../core/model/units.ts";
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
  /** Numbers of this process in Prometheus' text format. */
  readonly metrics: string;
  /** Why it cannot do its work now, or null. */
  readonly notReady: string | null;
}

/** The journal is asked at most this often, real ms. */
const JOURNAL_KEPT_MS = 5 * SECOND_MS;

/** Tells how things are now, whoever asks how often. Never rejects. */
export function factsOf({ deps, own, client }: Wired): () => Promise<WorkerFacts> {
  const kept = remembered<{ readonly notReady: string | null; readonly open: readonly ExperimentState[] | null }>(
    JOURNAL_KEPT_MS,
    () => performance.now(),
  );
  const journal = () =>
    deps.book.open().then(
      (open) => ({ notReady: null, open }),
      (cause: unknown) => ({ notReady: describeError(cause), open: null }),
    );
  return async () => {
    const { notReady, open } = await kept("", journal);
    return {
      settings: deps.settings(),
      notFollowed: notFollowed(deps.teams.now()),
      metrics: (await own?.text({ open, calls: client.calls() })) ?? "",
      notReady,
    };
  };
}
