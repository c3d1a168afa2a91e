import type { FC } from "hono/jsx";

/**
 * Outcomes as parts of one bar; what is left is unknown. Widths are attributes of SVG: the content
 * security policy takes no style attributes.
 */
export const ShareBar: FC<{ unaffected: number; recovered: number; notRecovered: number }> = ({
  unaffected,
  recovered,
  notRecovered,
}) => (
  <svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" width="100%" height="8" aria-hidden="true">
    <rect width={percent(unaffected)} height="8" fill="var(--v-steady)" />
    <rect x={percent(unaffected)} width={percent(recovered)} height="8" fill="var(--v-transient)" />
    <rect x={percent(unaffected + recovered)} width={percent(notRecovered)} height="8" fill="var(--v-persistent)" />
  </svg>
);

const percent = (share: number): string => (share * 100).toFixed(2);
