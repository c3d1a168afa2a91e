import type { FC } from "hono/jsx";
import { formatShare } from "../core/text/format.ts";
import type { SignalSeries, SignalStep } from "./charts/signal.ts";

/** What a service's charts are drawn from, step by step. */
export const ValueTable: FC<{ series: readonly SignalSeries[] }> = ({ series }) =>
  series.length === 0 ? null : (
    <details>
      <summary>Values</summary>
      <table>
        <thead>
          <tr>
            <th class="num">From minute</th>
            {series.map(({ title }) => (
              <th class="num">{title}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {(series[0]?.steps ?? []).map((step, i) => (
            <tr>
              <td class="num">{Number(step.from.toFixed(2))}</td>
              {series.map(({ steps, unit }) => (
                <td class="num">{valueText(steps[i], unit)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );

/** A step that was not scraped is no zero. */
function valueText(step: SignalStep | undefined, unit: SignalSeries["unit"]): string {
  if (step === undefined || step.value === null) return "not known";
  return unit === "share" ? formatShare(step.value) : String(Number(step.value.toFixed(2)));
}
