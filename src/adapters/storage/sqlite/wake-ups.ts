import type { StoreCalls, TakenWakeUp } from "./calls.ts";
import type { Connection } from "./connection.ts";

type WakeUpCalls = Pick<StoreCalls, "wake" | "take" | "keep" | "handled" | "failed" | "giveBack">;

/**
 * Nobody's, or of a process that has not said for a while that it still is at work. A claim from
 * the future is of a machine whose clock was set back.
 */
const FREE = "(owner IS NULL OR claimed_ms + ?3 <= ?2 OR claimed_ms > ?2 + ?3)";

const TAKE = `UPDATE wake_up SET owner = ?5, claimed_ms = ?2 WHERE rowid = (
    SELECT rowid FROM wake_up WHERE cluster = ?1 AND due_ms <= ?4 AND ${FREE} ORDER BY due_ms, at_ms LIMIT 1
  ) RETURNING key, at_ms AS atMs, failures`;

const ONE = "cluster = ? AND key = ? AND at_ms = ?";

/** The wake-ups of one cluster: a row for each key and time until it was handled. */
export function wakeUpCalls({ database, read, write }: Connection, cluster: string): WakeUpCalls {
  const wake = database.prepare(
    "INSERT INTO wake_up (cluster, key, at_ms, due_ms) VALUES (?1, ?2, ?3, ?3) ON CONFLICT DO NOTHING",
  );
  const next = database.prepare("SELECT min(due_ms) AS due FROM wake_up WHERE cluster = ? AND due_ms > ?");
  const due = database.prepare(`SELECT 1 FROM wake_up WHERE cluster = ?1 AND due_ms <= ?4 AND ${FREE} LIMIT 1`);
  const take = database.prepare(TAKE);
  const keep = database.prepare(`UPDATE wake_up SET claimed_ms = ? WHERE ${ONE} AND owner = ?`);
  const handled = database.prepare(`DELETE FROM wake_up WHERE ${ONE}`);
  const failed = database.prepare(
    `UPDATE wake_up SET due_ms = ?, failures = failures + 1, owner = NULL, claimed_ms = 0 WHERE ${ONE}`,
  );
  const giveBack = database.prepare("UPDATE wake_up SET owner = NULL, claimed_ms = 0 WHERE cluster = ? AND owner = ?");
  const one = ({ key, atMs }: TakenWakeUp): [string, string, number] => [cluster, key, atMs];

  return {
    wake: (key, atMs) => write(() => void wake.run(cluster, key, atMs)),
    take(nowMs, { owner, realMs, claimMs }) {
      // nothing is written while nothing is due: a worker at rest leaves the disk alone
      const isDue = read(() => due.get(cluster, realMs, claimMs, nowMs) !== undefined);
      const taken = isDue ? write(() => take.get(cluster, realMs, claimMs, nowMs, owner) ?? null) : null;
      const row = taken === null ? read(() => next.get(cluster, nowMs)) : undefined;
      return { taken: taken as TakenWakeUp | null, nextDueMs: (row?.due as number | null | undefined) ?? null };
    },
    keep: (wakeUp, { owner, realMs }) => write(() => void keep.run(realMs, ...one(wakeUp), owner)),
    handled: (wakeUp) => write(() => void handled.run(...one(wakeUp))),
    failed: (wakeUp, dueMs) => write(() => void failed.run(dueMs, ...one(wakeUp))),
    giveBack: (owner) => write(() => void giveBack.run(cluster, owner)),
  };
}
