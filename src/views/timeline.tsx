import type { FC } from "hono/jsx";
import type { ExperimentState } from "../core/model/experiment.ts";
import { formatClock } from "../core/text/format.ts";
import { windowsOf } from "./charts/windows.ts";

const BAR = { y: 26, height: 22 };
/**
 * A mark so far to the right, in percent, has its label before it: behind it there is no room on a
 * small screen.
 */
const LABEL_BEFORE = 70;

interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly name: string;
  readonly fill: string;
  readonly opacity: number;
}

/**
 * The windows of an experiment to scale: what was before, what was judged early and late, and what
 * was left out between.
 */
export const Timeline: FC<{ state: ExperimentState; timezone: string }> = ({ state, timezone }) => {
  const windows = windowsOf(state);
  if (windows === null || state.t0Ms === null) return null;
  const { from, to, clear, late } = windows;
  const t0Ms = state.t0Ms;
  // in percent of whatever width there is, so that letters keep their size on a small screen
  const at = (minute: number): number => Number((((minute - from) / (to - from)) * 100).toFixed(2));
  const x = (minute: number): string => `${at(minute)}%`;
  const earlyEnd = Math.min(windows.early ?? to, late ?? to);
  const stretches: Stretch[] = [
    { from, to: 0, name: "before", fill: "var(--muted)", opacity: 0.18 },
    { from: 0, to: earlyEnd, name: "early", fill: "var(--early)", opacity: 0.45 },
    ...(late === null ? [] : [{ from: late, to, name: "late", fill: "var(--late)", opacity: 0.45 }]),
  ];
  const marks = [{ at: 0, name: windows.began }, ...(clear === null ? [] : [{ at: clear, name: windows.cleared }])];
  return (
    <div class="time">
      <svg width="100%" height="70" role="img" aria-label="The windows of this experiment">
        <rect x="0" y={BAR.y} width="100%" height={BAR.height} rx="5" fill="var(--soft)" />
        {stretches
          .filter((part) => part.to > part.from)
          .map((part) => (
            <g>
              <rect
                x={x(part.from)}
                y={BAR.y}
                width={`${at(part.to) - at(part.from)}%`}
                height={BAR.height}
                rx="4"
                fill={part.fill}
                opacity={part.opacity}
              />
              {at(part.to) - at(part.from) < 9 ? null : (
                <text
                  x={`${(at(part.from) + at(part.to)) / 2}%`}
                  y={BAR.y + 15}
                  text-anchor="middle"
                  font-size="13"
                  fill="var(--ink)"
                >
                  {part.name}
                </text>
              )}
            </g>
          ))}
        {marks.map((mark, i) => (
          <g>
            <line
              x1={x(mark.at)}
              x2={x(mark.at)}
              y1={BAR.y - 6}
              y2={BAR.y + BAR.height + 4}
              stroke="var(--ink)"
              stroke-width="2"
            />
            <text
              x={x(mark.at)}
              dx={i === 0 || at(mark.at) > LABEL_BEFORE ? -5 : 5}
              y="14"
              text-anchor={i === 0 || at(mark.at) > LABEL_BEFORE ? "end" : "start"}
              font-size="13"
              font-weight="600"
              fill="var(--ink)"
            >
              {mark.name} {formatClock(t0Ms + mark.at * 60_000, timezone)}
            </text>
          </g>
        ))}
        <text x="0" y="66" font-size="12" fill="var(--muted)">
          {formatClock(t0Ms + from * 60_000, timezone)}
        </text>
        <text x="100%" y="66" text-anchor="end" font-size="12" fill="var(--muted)">
          {formatClock(t0Ms + to * 60_000, timezone)}
        </text>
      </svg>
    </div>
  );
};
