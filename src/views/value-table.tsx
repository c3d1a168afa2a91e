import type { FC } from "hono/jsx";
import { formatShare } from "../core/text/format.ts";
import type { BandPiece, SignalSeries } from "./charts/signal.ts";

/** What a service's charts are drawn from, step by step. */
export const ValueTable: FC<{ series: readonly SignalSeries[] }> = ({ series }) =>
  series.length === 0 ? null : (
    <details>
      <summary>Values</summary>
      <table>
        <thead>
          <tr>
            <th class="num">From minute</th>
            {series.map(({ title, band }) => (
              <>
                <th class="num">{title}</th>
                {band.length === 0 ? null : <th class="num">normal</th>}
              </>
            ))}
          </tr>
        </thead>
        <tbody>
          {(series[0]?.steps ?? []).map((step, i) => (
            <tr>
              <td class="num">{Number(step.from.toFixed(2))}</td>
              {series.map(({ steps, unit, band }) => (
                <>
                  <td class="num">{valueText(steps[i]?.value, unit)}</td>
                  {band.length === 0 ? null : <td class="num">{normalText(band, step.from, unit)}</td>}
                </>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );

/** A step that was not scraped is no zero. */
function valueText(value: number | null | undefined, unit: SignalSeries["unit"]): string {
  if (value == null) return "not known";
  return unit === "share" ? formatShare(value) : String(Number(value.toFixed(2)));
}

/** `0.1 % – 0.4 %`, in the piece of the band in which the step begins. */
function normalText(band: readonly BandPiece[], from: number, unit: SignalSeries["unit"]): string {
  const piece = band.find((one) => one.from <= from && from < one.to);
  return piece === undefined ? "not known" : `${valueText(piece.low, unit)} – ${valueText(piece.high, unit)}`;
}
