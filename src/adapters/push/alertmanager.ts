import { hasCode } from "../../core/model/error.ts";
import { MINUTE_MS } from "../../core/model/units.ts";
import type { Notice } from "../../core/text/notice.ts";
import type { Notifier } from "../../ports/notifier.ts";
import { ALERT_NAME, type Alert, firingAlerts, isAlert, withdrawnServices } from "./alerts.ts";
import { type Push, type PushOptions, pushOver } from "./post.ts";

/**
 * An alert that is not repeated ends after this: longer than a worker takes to come back, shorter
 * than anybody believes an alert that nobody stands for.
 */
const HOLDS_MS = 30 * MINUTE_MS;

export interface AlertmanagerOptions extends Omit<PushOptions, "name" | "key"> {
  /** Every instance of a cluster: they do not tell each other. */
  readonly urls: readonly string[];
  /** Sent with every request; secrets among them. */
  readonly headers: () => Promise<Readonly<Record<string, string>>>;
  readonly cluster: string;
  readonly nowMs: () => number;
}

/**
 * One alert for each service that fails, ended when it has recovered. What an instance holds of the
 * experiment is read first, so that an alert of before the verdict, or of before a restart, is
 * ended as well. What is no alert (the weekly report) is not sent.
 */
export function alertmanagerNotifier(options: AlertmanagerOptions): Notifier {
  const push = pushOver({ ...options, name: "Alertmanager", key: "alertmanager.url" });
  const post = async (notice: Notice, signal: AbortSignal): Promise<void> => {
    const headers = { ...(await options.headers()), "content-type": "application/json" };
    const told = await Promise.allSettled(
      options.urls.map((url) => tell({ ...options, push, url, headers }, notice, signal)),
    );
    if (told.some(({ status }) => status === "fulfilled")) return;
    const causes = told.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    // one that may take it later is worth another attempt
    throw causes.find((cause) => hasCode(cause, "notify-failed") && cause.retryable) ?? causes[0];
  };
  return {
    async send(notice, signal) {
      if (isAlert(notice)) await post(notice, signal);
      return "sent";
    },
    async repeat(notice, signal) {
      if (isAlert(notice)) await post(notice, signal);
    },
  };
}

interface Instance extends AlertmanagerOptions {
  readonly push: Push;
  readonly url: string;
}

async function tell(
  instance: Omit<Instance, "headers"> & { readonly headers: Readonly<Record<string, string>> },
  notice: Notice,
  signal: AbortSignal,
): Promise<void> {
  const { push, url, headers, cluster } = instance;
  const nowMs = instance.nowMs();
  const firing = firingAlerts(notice, cluster, nowMs + HOLDS_MS);
  const held = parsed(await push({ method: "GET", url: `${url}/api/v2/alerts?${filterOf(notice)}`, headers }, signal));
  const over = withdrawnServices(notice);
  const ended = held
    .filter(({ labels }) => firing.every((one) => !sameLabels(one.labels, labels)))
    .filter(({ labels }) => over === null || over.includes(`${labels.namespace}/${labels.service}`))
    .map((alert) => ({ ...alert, endsAt: new Date(nowMs).toISOString() }));
  const alerts = [...firing, ...ended];
  if (alerts.length === 0) return;
  await push({ method: "POST", url: `${url}/api/v2/alerts`, headers, body: JSON.stringify(alerts) }, signal);
}

/**
 * The alerts of one experiment:
 * https://prometheus.io/docs/alerting/latest/configuration/#matcher
 */
const filterOf = ({ experimentId }: Notice): string =>
  new URLSearchParams([
    ["filter", `alertname=${JSON.stringify(ALERT_NAME)}`],
    ["filter", `experiment=${JSON.stringify(experimentId)}`],
  ]).toString();

/** Alerts as an instance lists them; an answer of another shape holds none. */
function parsed(answer: string): Alert[] {
  const list = readJson(answer);
  if (!Array.isArray(list)) return [];
  return list.flatMap((one: Partial<Alert> | null) =>
    one?.labels === undefined
      ? []
      : [
          {
            labels: one.labels,
            annotations: one.annotations ?? {},
            ...(one.startsAt === undefined ? {} : { startsAt: one.startsAt }),
            endsAt: one.endsAt ?? "",
            ...(one.generatorURL === undefined ? {} : { generatorURL: one.generatorURL }),
          },
        ],
  );
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const sameLabels = (a: Alert["labels"], b: Alert["labels"]): boolean => {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => a[key] === b[key]);
};
