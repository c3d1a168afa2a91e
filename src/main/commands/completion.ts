import tab from "@bomb.sh/tab/commander";
import type { Command } from "commander";
import { EXIT, type Io } from "../io.ts";

type Shell = "bash" | "zsh" | "fish";

/** Prints the script that makes a shell ask `aftershock complete` what fits. */
export async function completion(
  { args, program }: { readonly args: readonly string[]; readonly program: Command },
  io: Io,
): Promise<number> {
  const [shell = "bash"] = args;
  return printed(io, () => tab(program).setup("aftershock", "aftershock", shell as Shell));
}

/** Answers a shell: a candidate a line. */
export const complete = async (words: readonly string[], program: Command, io: Io): Promise<number> =>
  printed(io, () => tab(program).parse([...words]));

/** The library's own command, which only shells call. */
const ITS_OWN = "complete\t";

/** The library prints by itself. */
function printed(io: Io, print: () => void): number {
  const { log } = console;
  console.log = (text: string) => (text.startsWith(ITS_OWN) ? undefined : io.out(`${text}\n`));
  try {
    print();
  } finally {
    console.log = log;
  }
  return EXIT.ok;
}
