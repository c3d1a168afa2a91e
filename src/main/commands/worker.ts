import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { systemClock } from "../../adapters/system/clock.ts";
import { judgeThread } from "../../adapters/system/judge/runner.ts";
import { leaseChecks } from "../../app/doctor/examine-lease.ts";
import { isAdvancing } from "../../app/experiment/advance.ts";
import { changeModes } from "../../app/policies/change-modes.ts";
import type { Listener } from "../../app/records/append-event.ts";
import { recordOperation, recordRefusal } from "../../app/records/operations.ts";
import { planAhead } from "../../app/schedule/plan-ahead.ts";
import { work } from "../../app/worker/work.ts";
import { describeConfig } from "../../config/load/describe.ts";
import { watchConfig } from "../../config/load/watch.ts";
import { describeError } from "../../core/model/error.ts";
import type { OperationEvent } from "../../core/model/journal.ts";
import { progressLines } from "../../core/text/event.ts";
import { waitWhile } from "../end.ts";
import { EXIT, type Io } from "../io.ts";
import { measuring } from "../own-metrics/measured.ts";
import { ownMetrics } from "../own-metrics/own-metrics.ts";
import { onceStorageAnswers } from "../setup/await-storage.ts";
import type { ConfiguredOptions } from "../setup/configured.ts";
import { whoami } from "../setup/whoami.ts";
import { version } from "../version.ts";
import { startWebBeside } from "../web/web.ts";
import { type Wired, wire } from "../wire.ts";

/** A handler that is at work when the worker is told to stop has this long. */
const STOP_TIMEOUT_MS = 20_000;

/** Runs until SIGTERM: schedule, experiments, recovery, report, dashboard. */
export async function worker(options: ConfiguredOptions, io: Io): Promise<number> {
  const tell: Listener = (id, event, state) => {
    if (wired === null) return;
    const { deps } = wired;
    for (const line of progressLines(event, state, deps.settings().timezone)) deps.log.info(line, { experiment: id });
  };
  const own = ownMetrics(version(), systemClock());
  await using wired = await onceStorageAnswers(options, io, () =>
    wire(options, io, { tell, judge: judgeThread(), measuring: measuring(own) }),
  );
  if (wired === null) return EXIT.ok;
  const { log } = wired.deps;
  waitWhile(isAdvancing);
  log.info("configuration understood", { summary: describeConfig(wired.config, wired.deps.clock.nowMs()) });
  for (const problem of await wired.storage.check()) log.warn("storage", { problem });
  void warnOfStrangers(wired.deps, io.signal);
  await note(wired.deps, { kind: "started", version: version(), mode: wired.config.mode });
  await note(wired.deps, {
    kind: "configured",
    hash: wired.hash,
    by: whoami(io),
    summary: `mode ${wired.config.mode}`,
  });
  await using web = await startWebBeside(wired, options, io);
  log.info("dashboard", { address: web.address });
  watchConfiguration(wired, resolve(io.cwd, options.config), io);
  await work(wired.deps, io.signal);
  await wired.deps.queue.close(STOP_TIMEOUT_MS);
  log.info("stopped");
  return EXIT.ok;
}

/**
 * Nobody looks at `doctor` every day. Whether the lease can be read is the gates' affair. Never
 * rejects.
 */
async function warnOfStrangers(deps: Wired["deps"], signal: AbortSignal): Promise<void> {
  const checks = await leaseChecks(deps, signal).catch(() => []);
  for (const { ok, says } of checks) if (!ok) deps.log.warn("lease", { problem: says });
}

/** Takes over a changed configuration when it is sound; otherwise keeps the old one and says so. */
function watchConfiguration(wired: Wired, file: string, io: Io): void {
  const { deps, hash } = wired;
  watchConfig(
    { file, env: io.env, readFile: (path) => readFile(path, "utf8"), nowMs: () => deps.clock.nowMs(), current: hash },
    (loaded) => {
      const before = wired.config;
      const policies = deps.settings().policies;
      wired.reconfigure(loaded);
      deps.log.info("configuration changed", { hash: loaded.hash, mode: loaded.config.mode });
      void note(deps, {
        kind: "configured",
        hash: loaded.hash,
        by: "file",
        summary: `mode ${before.mode} → ${loaded.config.mode}`,
      });
      void changeModes(deps, policies, deps.settings().policies, "file", io.signal);
      void planNow(deps);
    },
    (problem) => {
      deps.log.error("the changed configuration is not sound; the old one stays", { why: describeError(problem) });
      recordRefusal(deps, { hash: wired.hash, by: "file", why: problem.message }).catch((cause: unknown) =>
        deps.log.warn("a refused configuration could not be written into the journal", { why: describeError(cause) }),
      );
    },
    io.signal,
  );
}

/** What is armed now has its next slot now, not when the worker plans next. */
async function planNow(deps: Wired["deps"]): Promise<void> {
  await planAhead(deps).then(
    (slots) => deps.log.info("slots planned", { slots, hours: 24 }),
    (cause: unknown) => deps.log.warn("slots are planned later", { why: describeError(cause) }),
  );
}

/** Writes an operation down; the work goes on when the journal is away. */
async function note(deps: Wired["deps"], event: OperationEvent): Promise<void> {
  await recordOperation(deps, event).catch((cause: unknown) =>
    deps.log.warn("an operation could not be written into the journal", {
      event: event.kind,
      why: describeError(cause),
    }),
  );
}
