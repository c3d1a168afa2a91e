import { recordHalt, recordResume } from "../../app/records/operations.ts";
import { describeError } from "../../core/model/error.ts";
import type { Journal } from "../../ports/journal.ts";
import { EXIT, type Io } from "../io.ts";
import { type ConfiguredOptions, openJournal } from "../setup/configured.ts";
import { signature } from "../setup/whoami.ts";
import { type Cluster, openCluster } from "../wire.ts";

/** Writes the halt into the cluster: works with storage and worker down. */
export async function halt(options: ConfiguredOptions & { readonly args: readonly string[] }, io: Io): Promise<number> {
  await using cluster = await openCluster(options, io, { withoutSecrets: true });
  // an empty reason, as of a variable that is not set, must not keep anybody from halting
  const why = options.args[0]?.trim() || "no reason was given";
  const by = await signature(cluster.client, io);
  await cluster.lease.halt({ why, by, atMs: cluster.clock.nowMs() }, io.signal);
  io.out(
    options.json
      ? `${JSON.stringify({ halted: true, why, lease: cluster.at })}\n`
      : `Halted: ${why}\nNothing is injected by workers with ${leaseOf(cluster)} until: aftershock resume\n`,
  );
  await inJournal(options, io, cluster, (journal) => recordHalt({ journal, clock: cluster.clock }, { why, by }));
  return EXIT.ok;
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
