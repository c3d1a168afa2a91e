import { wholeNumber } from "./numbers.ts";
import type { Registry } from "./registry.ts";

export function register({ command, io }: Registry): void {
  command(
    "sample",
    "Run one part of the tutorial's application: db, go-app, repeater; or others for tests.",
    "aftershock sample go-app --db go-app-db:5000 --db-mode reconnect",
    async () => (await import("../commands/sample.ts")).sample,
  )
    .argument("<part>", "db, go-app, repeater, leaf (answers by itself) or node-pressure (as node exporter)")
    .option("--port <n>", "port to answer on (0: any free one)", wholeNumber(0, 65_535), 8080)
    .option("--db <host:port>", "go-app: where its database is", io.env.DB ?? "go-app-db:5000")
    .option(
      "--db-mode <mode>",
      "go-app: what it does when it loses the database: stale, reconnect, exit, crash",
      io.env.DB_MODE ?? "stale",
    )
    .option(
      "--probe <kind>",
      "go-app: whether its probe asks the database: shallow, through-db",
      io.env.PROBE ?? "shallow",
    )
    .option("--upstream <url>", "repeater: where it passes requests to", io.env.UPSTREAM ?? "http://go-app:8080")
    .option("--attempts <n>", "repeater: how often it asks before it passes a failure on", wholeNumber(1, 10), 1)
    .option("--pause <ms>", "repeater: how long it waits before it asks again", wholeNumber(1, 60_000), 100)
    .option("--timeout <ms>", "repeater: how long it waits for an answer", wholeNumber(1, 60_000), 5_000)
    .option("--also <url>", "repeater: asked, too, for each request", "")
    .option("--optional", "repeater: answers without what --also names, when that fails")
    .option("--work <ms>", "leaf: answers one request after the other, each in this time", wholeNumber(0, 60_000), 0)
    .option("--places <n>", "leaf with --work: requests that may wait; more are refused", wholeNumber(1, 10_000), 30)
    .option("--nodes <names>", "node-pressure: nodes that share this kernel, with commas", "")
    .option("--start-delay <seconds>", "how long it takes to start", wholeNumber(0, 600), 0);
}
