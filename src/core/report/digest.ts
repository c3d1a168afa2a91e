import { counted } from "../text/format.ts";
import { moment } from "../text/moment.ts";
import type { Notice } from "../text/notice.ts";
import { shortService } from "../text/subject.ts";

/** What a digest is made of. */
export interface DigestInput {
  readonly channel: string;
  readonly cluster: string;
  readonly timezone: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Address of the list of experiments of that time, or null. */
  readonly link: string | null;
  /** The messages that were held back, in order. */
  readonly notices: readonly Notice[];
}

const WORST_FIRST: readonly Notice["severity"][] = ["bad", "warning", "info", "good"];

/** `shop/cart: failed 6 % of requests and recovered in 24 s`: its title after its service. */
function lineOf({ title, impact }: Notice): Notice["impact"][number] {
  const service = impact[0]?.service ?? "several services";
  const name = `${shortService(service)} `;
  return { service, line: title.startsWith(name) ? title.slice(name.length) : title };
}

/** Several messages as one: a line each, the worst first. */
export function digestNotice({ channel, cluster, timezone, fromMs, toMs, link, notices }: DigestInput): Notice {
  const ordered = notices.toSorted(
    (a, b) => WORST_FIRST.indexOf(a.severity) - WORST_FIRST.indexOf(b.severity) || (a.sinceMs ?? 0) - (b.sinceMs ?? 0),
  );
  const experiments = new Set(notices.map(({ experimentId }) => experimentId)).size;
  return {
    kind: "digest",
    key: `digest:${cluster}:${channel}:${toMs}`,
    experimentId: null,
    severity: ordered[0]?.severity ?? "info",
    title: `${counted(notices.length, "message")} of ${cluster}`,
    summary: `News of ${counted(experiments, "experiment")} since ${moment(fromMs)}.`,
    impact: ordered.map(lineOf),
    findings: [],
    context: [],
    link,
    timezone,
  };
}
