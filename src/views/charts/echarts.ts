/**
 * Everything of echarts that is drawn with, and nothing else. Import it lazily only: it costs about
 * 40 MiB and half a second.
 */
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, MarkAreaComponent, MarkLineComponent } from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([LineChart, BarChart, GridComponent, MarkAreaComponent, MarkLineComponent, SVGRenderer]);

/** The chart as SVG text, as echarts writes it. */
export function render(option: EChartsCoreOption, width: number, height: number): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption({ animation: false, ...option });
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}
