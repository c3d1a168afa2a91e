import { EXIT, type Io } from "../io.ts";
import { whoami } from "../whoami.ts";
import { type ConfiguredOptions, openCluster } from "../wire.ts";

/** Writes the halt into the cluster: works with storage and worker down. */
export async function halt(options: ConfiguredOptions & { readonly args: readonly string[] }, io: Io): Promise<number> {
  await using cluster = await openCluster(options, io);
  const why = options.args[0] ?? "";
  await cluster.lease.halt({ why, by: whoami(io), atMs: cluster.clock.nowMs() }, io.signal);
  io.out(
    options.json
      ? `${JSON.stringify({ halted: true, why })}\n`
      : `Halted: ${why}\nNothing is injected until: aftershock resume\n`,
  );
  return EXIT.ok;
}

export async function resume(options: ConfiguredOptions, io: Io): Promise<number> {
  await using cluster = await openCluster(options, io);
  const stood = await cluster.lease.read(io.signal);
  await cluster.lease.resume(io.signal);
  const was = stood === null ? "There was no halt." : `It was halted by ${stood.by}: ${stood.why}`;
  io.out(options.json ? `${JSON.stringify({ halted: false, was: stood })}\n` : `Injection is allowed again. ${was}\n`);
  return EXIT.ok;
}
