import { Argument } from "commander";
import type { Registry } from "./registry.ts";

/** Shells with a script of their own. */
const SHELLS = ["bash", "zsh", "fish"] as const;

export function register({ command }: Registry): void {
  command(
    "completion",
    "Print the completion script of a shell.",
    "aftershock completion bash > ~/.local/share/bash-completion/completions/aftershock",
    async () => (await import("../commands/completion.ts")).completion,
  ).addArgument(new Argument("<shell>", "the shell").choices(SHELLS));
}
