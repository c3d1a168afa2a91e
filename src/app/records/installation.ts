import { hasCode } from "../../core/model/error.ts";
import { INSTALLATION_STREAM } from "../../core/model/journal.ts";
import type { RecordDeps } from "./append-event.ts";

/**
 * The name of the installation that this journal belongs to, written down by whoever is first.
 * Faults that stand carry it: only this journal knows whether their experiments are over. It moves
 * with the journal, to another storage or another lease.
 * @param propose a name that no other installation has
 */
export async function installationOf(
  { journal, clock }: Pick<RecordDeps, "journal" | "clock">,
  propose: () => string,
): Promise<string> {
  const known = () => knownInstallation({ journal });
  const before = await known();
  if (before !== null) return before;
  const installation = propose();
  const nowMs = clock.nowMs();
  try {
    // left open, so that retention keeps it
    const options = { atMs: nowMs, indexMs: nowMs, open: true };
    await journal.append(INSTALLATION_STREAM, 0, [{ kind: "installed", installation }], options);
    return installation;
  } catch (cause) {
    if (!hasCode(cause, "journal-conflict")) throw cause;
    return (await known()) ?? installation;
  }
}

/** The name of the installation that this journal belongs to, as far as it has one. */
export async function knownInstallation({ journal }: Pick<RecordDeps, "journal">): Promise<string | null> {
  const [first] = await journal.read(INSTALLATION_STREAM);
  return first?.event.kind === "installed" ? first.event.installation : null;
}
