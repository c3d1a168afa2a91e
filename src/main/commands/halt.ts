import { awaitInForce } from "../../app/policies/await-in-force.ts";
import { bookOf } from "../../app/records/experiment-reader.ts";
import { recordHalt, recordResume } from "../../app/records/operations.ts";
import { describeError } from "../../core/model/error.ts";
import type { Journal } from "../../ports/journal.ts";
import { EXIT, type Io } from "../io.ts";
import { type Cluster, openCluster } from "../open-cluster.ts";
import { type ConfiguredOptions, openJournal } from "../setup/configured.ts";
import { signature } from "../setup/whoami.ts";

/**
 * Writes the halt into the cluster, and waits until it is in force: works with storage and worker
 * down. Exits 0 only when no intent is unresolved or could still be called.
 */
export async function halt(options: ConfiguredOptions & { readonly args: readonly string[] }, io: Io): Promise<number> {
  await using cluster = await openCluster(options, io, { withoutSecrets: true });
  // an empty reason, as of a variable that is not set, must not keep anybody from halting
  const why = options.args[0]?.trim() || "no reason was given";
  const by = await signature(cluster.client, io);
  await cluster.lease.halt({ why, by, atMs: cluster.clock.nowMs() }, io.signal);
  const say = (text: string): void => (options.json ? undefined : io.out(text));
  say(`Halted: ${why}\nWritten on ${leaseOf(cluster)}: no intent can be written any more.\n`);
  const recorded = inJournal(options, io, cluster, (journal) =>
    recordHalt({ journal, clock: cluster.clock }, { why, by }),
  );
  const missing = await inForce(options, io, cluster, recorded);
  await recorded;
  if (options.json)
    io.out(`${JSON.stringify({ halted: true, inForce: missing === null, missing, why, lease: cluster.at })}\n`);
  if (missing === null) {
    say(`In force. Nothing is injected by workers with ${leaseOf(cluster)} until: aftershock resume\n`);
    return EXIT.ok;
  }
  say(
    `NOT in force: ${missing}.\nThe halt stays. A worker, or \`aftershock follow-up\`, finds out what became of it.\n`,
  );
  return EXIT.failed;
}

/**
 * Why it is not in force, or null. The journal is opened when the lease alone does not say it, and
 * nobody else has it open.
 */
async function inForce(
  options: ConfiguredOptions,
  io: Io,
  { clock, lease }: Cluster,
  recorded: Promise<void>,
): Promise<string | null> {
  const experiment = async (id: string) => {
    await recorded;
    await using storage = await openJournal(options, io);
    return bookOf(storage.journal).experiment(id);
  };
  return awaitInForce({ clock, lease, experiment }, io.signal);
}

export async function resume(options: ConfiguredOptions, io: Io): Promise<number> {
  await using cluster = await openCluster(options, io, { withoutSecrets: true });
  const stood = await cluster.lease.read(io.signal);
  const by = await signature(cluster.client, io);
  await inJournal(options, io, cluster, (journal) => recordResume({ journal, clock: cluster.clock }, by));
  await cluster.lease.resume(io.signal);
  const was =
    stood === null ? `There was no halt on ${leaseOf(cluster)}.` : `It was halted by ${stood.by}: ${stood.why}`;
  io.out(options.json ? `${JSON.stringify({ halted: false, was: stood })}\n` : `Injection is allowed again. ${was}\n`);
  return EXIT.ok;
}

/** A wrong lease stops nobody: whoever gives the order sees which one it is. */
const leaseOf = ({ at, client }: Cluster): string => `lease ${at.namespace}/${at.name} at ${client.server}`;

/** Writes down who gave the order; it holds without storage, too. */
async function inJournal(
  options: ConfiguredOptions,
  io: Io,
  { log }: Cluster,
  write: (journal: Journal) => Promise<void>,
): Promise<void> {
  try {
    await using storage = await openJournal(options, io);
    await write(storage.journal);
  } catch (cause) {
    log.warn("the order is given, but not written into the journal", { why: describeError(cause) });
  }
}
