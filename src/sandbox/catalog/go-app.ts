import { drivenApp, drivenRepeater } from "./driven.ts";
import { daysOld, latency, needs, service } from "./make.ts";
import type { ConnectionSpec, ServiceSpec } from "./spec.ts";

/** How go-app deals with its database, in one story. */
export type DatabaseUse = Pick<ConnectionSpec, "touchShare" | "onLoss" | "probe">;

/**
 * load (20/s) → repeater (2) → go-app (2) → go-app-db (1), as kube-lab/stories/go-app.yaml has it:
 * half of the requests need the database, over one connection that each go-app pod opens when it
 * starts. The proxy of repeater tries `retries` times again when go-app answers with an error;
 * `database` is what is different about the database.
 */
export function goApp(use: DatabaseUse, retries = 0, database: Partial<ServiceSpec> = {}): ServiceSpec[] {
  const driven = drivenRepeater(
    {
      calls: needs({ "go-app/go-app": 1 }).map((one) => ({ ...one, retries })),
      readyAfterMs: 2_500,
      graceSeconds: 10,
      environment: { UPSTREAM: "http://go-app:8080" },
    },
    {
      graceSeconds: 2,
      environment: { TARGET: "http://repeater:8080", RATE: "20", PATHS: "/items:2,/orders:1,/about:3" },
    },
  );
  const app = drivenApp({
    connection: { to: "go-app/go-app-db", bytes: { sent: 24, received: 30 }, ...use },
    readyAfterMs: 3_500,
    graceSeconds: 10,
    environment: {
      DB_ADDR: "go-app-db:5000",
      DB_MODE: use.onLoss,
      PROBE: use.probe === "shallow" ? "shallow" : "through-db",
      DB_PATHS: use.touchShare > 0 ? "/items,/orders" : "/reports",
    },
  });
  const db = service("go-app/go-app-db", {
    replicas: 1,
    protocol: "tcp",
    port: 5000,
    latency: latency(0.5),
    readyAfterMs: 4_000,
    drainMs: 0,
    graceSeconds: 5,
    ageMs: daysOld(16),
    ...database,
  });
  return [...driven, app, db];
}
