import type { FC } from "hono/jsx";
import { worstFirst } from "../core/model/degraded.ts";
import { type Effect, isDegraded, type Signal, type SignalVerdict } from "../core/model/verdict.ts";
import { formatClock, formatDuration, formatRatio, formatShare } from "../core/text/format.ts";
import { quantilesText, whatHappened } from "../core/text/impact.ts";
import { Empty, ServiceLink, VerdictPill } from "./parts.tsx";

export const SIGNAL_WORD: Readonly<Record<Signal, string>> = {
  failures: "failures",
  latency: "latency",
  rate: "request rate",
  connections: "connections",
};

export interface VerdictTableProps {
  readonly verdicts: readonly SignalVerdict[];
  readonly t0Ms: number | null;
  readonly timezone: string;
}

/**
 * What every signal of every service did, worst first, with everything that limits the statement.
 */
export const VerdictTable: FC<VerdictTableProps> = ({ verdicts, t0Ms, timezone }) =>
  verdicts.length === 0 ? (
    <Empty>No service was judged.</Empty>
  ) : (
    <table class="fold">
      <thead>
        <tr>
          <th>Service</th>
          <th>Signal</th>
          <th>Verdict</th>
          <th>Effect (interval)</th>
          <th class="num">Onset</th>
          <th class="num">Recovery</th>
          <th class="num">Would have seen</th>
        </tr>
      </thead>
      <tbody>
        {worstFirst(verdicts).map((verdict) => (
          <tr>
            <td class="svcname">
              <ServiceLink service={verdict.service} />
            </td>
            <td>{SIGNAL_WORD[verdict.signal]}</td>
            <td>
              <VerdictPill kind={verdict.verdict.kind} />
            </td>
            <td>
              <EffectText verdict={verdict} />
            </td>
            <td class="num" data-k="onset">
              {onsetText(verdict, t0Ms, timezone)}
            </td>
            <td class="num" data-k="recovery">
              {recoveryText(verdict)}
            </td>
            <td class="num" data-k="would have seen">
              {detectableText(verdict)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );

const EffectText: FC<{ verdict: SignalVerdict }> = ({ verdict }) => {
  const { effect, verdict: kind } = verdict;
  const moved = isDegraded(kind.kind) ? quantilesText(verdict) : "";
  const notes = [
    ...(moved === "" ? [] : [moved]),
    ...(kind.kind === "inconclusive" ? [kind.detail] : []),
    ...(verdict.learning ? ["learning: less than a day of history"] : []),
    ...(verdict.starved ? ["its callers stopped calling"] : []),
  ];
  return (
    <>
      {effect === null ? null : (
        <>
          {isDegraded(kind.kind) ? `${whatHappened(verdict)} ` : ""}
          <span class="sub nw">{changeText(effect)}</span>
        </>
      )}
      {notes.length === 0 ? null : <div class="sub">{notes.join("; ")}</div>}
    </>
  );
};

/** The change with its interval: `+48 points (46 to 50, 95 %)`, `0.4 × (0.3 to 0.5, 95 %)`. */
function changeText({ unit, change, boundMs, before, after }: Effect): string {
  const level = formatShare(change.level);
  // Older journals tell slow answers as a ratio of shares, which nobody can check.
  if (unit === "ratio" && boundMs !== null) return `${after >= before ? "+" : ""}${points(after - before)} points`;
  if (unit === "ratio") {
    return `${formatRatio(change.point)} (${formatRatio(change.low)} to ${formatRatio(change.high)}, ${level})`;
  }
  return `${change.point >= 0 ? "+" : ""}${points(change.point)} points (${points(change.low)} to ${points(change.high)}, ${level})`;
}

const points = (share: number): string => Number((share * 100).toFixed(1)).toString();

function onsetText({ onsetMs }: SignalVerdict, t0Ms: number | null, timezone: string): string {
  if (onsetMs === null) return "";
  if (t0Ms === null) return formatClock(onsetMs.point, timezone);
  const after = onsetMs.point - t0Ms;
  return after < 0 ? `${formatDuration(-after)} before` : `+${formatDuration(after)}`;
}

function recoveryText({ verdict }: SignalVerdict): string {
  if (verdict.kind === "persistent") return "not yet";
  if (verdict.kind === "unresolved") return "not proven";
  if (!("recoveredAfterMs" in verdict)) return "";
  const { point, low, high } = verdict.recoveredAfterMs;
  return `${formatDuration(point)} (${formatDuration(low)}–${formatDuration(high)})`;
}

/** What a change would have had to be: a steady verdict is worth no more than this. */
function detectableText({ minimumDetectable, signal, learning }: SignalVerdict): string {
  if (minimumDetectable === null) return "";
  const change = formatShare(minimumDetectable);
  if (signal !== "rate") return `+${change}`;
  return learning ? `−${change} that lasts` : `−${change}`;
}
