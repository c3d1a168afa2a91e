import { expect, test } from "vitest";
import { alertmanagerNotifier } from "../../../src/adapters/push/alertmanager.ts";
import { SECOND_MS } from "../../../src/core/model/units.ts";
import { earlyAlertMessage } from "../../../src/core/report/early-alert-message.ts";
import { openDamageNotice, recoveredNotice } from "../../../src/core/report/follow-up.ts";
import { noticesFor } from "../../../src/core/report/notices.ts";
import type { Notice } from "../../../src/core/text/notice.ts";
import type { Notifier } from "../../../src/ports/notifier.ts";
import { judgedExperiment, noticeInput } from "../../support/notices.ts";
import { describeWith } from "../../support/requires.ts";
import { type AlertmanagerServer, startAlertmanager } from "../../support/servers/alertmanager.ts";

const never = new AbortController().signal;
const about = noticeInput();
const degraded = noticesFor(about)[0] as Notice;
const recovered = recoveredNotice(about);
const early = earlyAlertMessage({
  ...about,
  state: {
    ...judgedExperiment(),
    judgement: null,
    alert: {
      atMs: 0,
      told: true,
      services: [{ service: "go-app/go-app", share: 0.5, before: 0, failures: 30 }],
    } as never,
  },
});

/** Alertmanager goes by the real time. */
const notifierFor = ({ url }: AlertmanagerServer): Notifier =>
  alertmanagerNotifier({
    urls: [url],
    headers: async () => ({}),
    timeoutMs: 5 * SECOND_MS,
    cluster: "prod-eu",
    nowMs: () => Date.now(),
  });

const service = (passed: AlertmanagerServer["passed"], status: string, outcome: string) =>
  passed
    .flatMap(({ receiver, alerts }) => alerts.map((alert) => ({ ...alert, receiver })))
    .filter((alert) => alert.status === status && alert.labels.outcome === outcome);

describeWith("prometheus-alertmanager", "a real Alertmanager", () => {
  test("routes an early alert, then the outcome, and says resolved when the services recovered", async () => {
    await using server = await startAlertmanager();
    const notifier = notifierFor(server);
    expect(await notifier.send(early, never)).toBe("sent");
    await server.until((passed) => service(passed, "firing", "pending").length > 0);
    const [first] = service(server.passed, "firing", "pending");
    expect(first).toMatchObject({
      receiver: "channel",
      labels: {
        alertname: "AftershockImpact",
        cluster: "prod-eu",
        namespace: "go-app",
        service: "go-app",
        experiment: about.id,
        severity: "critical",
      },
      startsAt: new Date(early.sinceMs ?? 0).toISOString().replace(".000", ""),
    });
    await notifier.send(degraded, never);
    await server.until((passed) => service(passed, "resolved", "pending").length > 0);
    await server.until((passed) => service(passed, "firing", "not recovered").length >= 2);
    expect(service(server.passed, "firing", "not recovered").every(({ receiver }) => receiver === "pager")).toBe(true);
    expect(service(server.passed, "firing", "not recovered")[0]?.annotations).toMatchObject({
      command: "kubectl rollout restart deployment go-app -n go-app",
      findings: expect.stringContaining("go-app does not reconnect to go-app-db"),
    });
    await notifier.send(recovered, never);
    await server.until((passed) => service(passed, "resolved", "not recovered").length >= 2);
  });

  test("knows again what is open after it was away and lost its memory", async () => {
    await using server = await startAlertmanager();
    const notifier = notifierFor(server);
    await server.stop();
    expect(await notifier.send(degraded, never).catch((cause: unknown) => cause)).toMatchObject({
      code: "notify-failed",
      retryable: true,
    });
    await server.restart();
    const open = openDamageNotice(about, (about.state.t0Ms ?? 0) + 24 * 3_600_000);
    await notifier.repeat?.(open as Notice, never);
    await server.until((passed) => service(passed, "firing", "not recovered").length >= 2);
    await notifier.repeat?.(open as Notice, never);
    await notifier.send(recovered, never);
    await server.until((passed) => service(passed, "resolved", "not recovered").length >= 2);
    // said twice, told once
    const told = service(server.passed, "firing", "not recovered").map(({ labels }) => labels.service);
    expect(told.sort()).toEqual(["go-app", "repeater"]);
  });

  test("a report is no alert", async () => {
    await using server = await startAlertmanager();
    await notifierFor(server).send({ ...degraded, kind: "weekly", experimentId: null }, never);
    const alerts = await fetch(`${server.url}/api/v2/alerts`).then((response) => response.json());
    expect(alerts).toEqual([]);
  });
});
