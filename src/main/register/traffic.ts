import { wholeNumber } from "./numbers.ts";
import type { Registry } from "./registry.ts";

export function register({ command }: Registry): void {
  command(
    "traffic",
    "Send steady, bounded HTTP traffic, so that there is something to judge by.",
    "aftershock traffic --target http://repeater:8080 --rate 20 --duration 1h",
    async () => (await import("../commands/traffic.ts")).traffic,
  )
    .requiredOption("--target <url>", "where requests go")
    .option("--host <name>", "Host header, for requests through an ingress gateway")
    .option("--rate <n>", "requests a second", wholeNumber(1, 1_000), 20)
    .option("--duration <time>", "how long: up to 24h", "1h")
    .option("--paths <list>", "paths and how often each comes in a round", "/items:2,/orders,/about:3");
}
