import { setImmediate } from "node:timers/promises";
import type { EChartsCoreOption } from "echarts/core";

/** A chart with its words for those who do not see it. */
export interface Drawing {
  readonly title: string;
  /** What the chart shows, in a sentence. */
  readonly description: string;
  readonly svg: string;
}

export interface DrawOptions {
  /**
   * Equal for the same chart on the same page, different for others: becomes part of the ids in the
   * SVG.
   */
  readonly id: string;
  readonly description: string;
  readonly width: number;
  readonly height: number;
}

/**
 * Draws on the server. echarts is loaded with the first chart and not before; between two charts
 * others have their turn.
 */
export async function drawSvg(option: EChartsCoreOption, options: DrawOptions): Promise<string> {
  const { render } = await import("./echarts.ts");
  await setImmediate();
  return tidySvg(render(option, options.width, options.height), options);
}

/**
 * Makes echarts' SVG fit for a page with a strict content security policy and for several charts on
 * one page: no style sheet (it only serves hovering), no style attributes, ids of its own and the
 * same ones every time, a description instead of nothing.
 */
export function tidySvg(svg: string, { id, description, width, height }: DrawOptions): string {
  const body = svg
    .replace(/<style\b[\s\S]*?<\/style>/g, "")
    .replace(/ (?:pointer-events|class|ecmeta_\w+|xmlns:xlink|version|baseProfile)="[^"]*"/g, "")
    .replace(/ style="([^"]*)"/g, (_, style: string) => fontAttributes(style))
    .replace(/\bzr\d+-/g, `${id}-`)
    .replace(/\n+/g, "");
  const label = `role="img" aria-label="${escapeAttribute(description)}"`;
  return body.replace(
    /^<svg\b[^>]*>/,
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" ${label}>`,
  );
}

/**
 * `font-size:12px;font-family:sans-serif` or `font: normal bold 12px sans-serif` as attributes of
 * SVG.
 */
function fontAttributes(style: string): string {
  const size = /(\d+(?:\.\d+)?)px/.exec(style)?.[1];
  const weight = /\bbold\b/.test(style) ? ' font-weight="bold"' : "";
  return `${size === undefined ? "" : ` font-size="${size}"`}${weight} font-family="inherit"`;
}

const escapeAttribute = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
