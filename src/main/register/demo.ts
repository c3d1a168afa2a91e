import { MAX_SEED, wholeNumber } from "./numbers.ts";
import type { Registry } from "./registry.ts";

/** What each story is about. */
const STORIES = `
Stories (repeater calls go-app, which calls go-app-db):
  stale             go-app opens one connection to its database and never another
  reconnect         go-app reconnects: the same loss is over in seconds
  probe-through-db  a probe notices, and Kubernetes restarts go-app
  no-effect         nothing follows from the loss of the database
  unrelated         another service gets worse at the same time, by itself
  retries           as stale, and the proxies of repeater try three more times
  retries-hide      a new pod of go-app fails for minutes, and repeater's retries hide it
  retries-idle      the same retries, and nothing fails
  retry-storm       go-app is replaced, and repeater's retries keep it overloaded
  retry-never       the same, without retries
  no-timeout        a new pod of go-app is slow for minutes, and repeater waits
  timeout           the same, and repeater gives up after a second
  no-fallback       one of two services that repeater calls fails, and so does repeater
  fallback          the same, and repeater answers without it
  crash             go-app crashes as long as its database is away
  exit-and-wait     go-app exits once, and then waits for its database
  overload          one pod of go-app cannot do the work of two while one is replaced
  head-room         one pod of go-app can do the work of two
  resets-at-end     a pod of go-app ends at once when it is asked to, with long requests under way
  pre-stop          the same, and a preStop lets callers look elsewhere first
  leader-lost       the database has three replicas, and answers nobody until they have a leader
  no-leader         three replicas, each of which can answer`;

const NAMES = [...STORIES.matchAll(/^ {2}([a-z-]+) /gm)].map(([, name]) => name).join(", ");

export function register({ command }: Registry): void {
  command(
    "demo",
    "Run the whole story against a small simulated cluster, in about a minute.",
    "aftershock demo --exit --seed 3",
    async () => (await import("../commands/demo.ts")).demo,
  )
    .option("--exit", "end when the story has been told, instead of keeping the dashboard up")
    .option("--speed <factor>", "how much faster the clock runs", wholeNumber(1, 1_000), 240)
    .option("--seed <n>", "seed of every random choice", wholeNumber(0, MAX_SEED), 1)
    .option("--story <name>", `what the application is like: ${NAMES}`, "stale")
    .option("--port <n>", "port of the dashboard (0: any free one)", wholeNumber(0, 65_535), 0)
    .option("--json <file>", "write experiments, verdicts and findings to a file")
    .addHelpText("after", STORIES);
}
