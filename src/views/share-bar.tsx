import type { FC } from "hono/jsx";

/** Good, bad and unknown as parts of one bar. Widths are attributes of SVG: the content security policy takes no style attributes. */
export const ShareBar: FC<{ good: number; bad: number }> = ({ good, bad }) => (
  <svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" width="100%" height="8" aria-hidden="true">
    <rect width={percent(good)} height="8" fill="var(--v-steady)" />
    <rect x={percent(good)} width={percent(bad)} height="8" fill="var(--v-persistent)" />
  </svg>
);

const percent = (share: number): string => (share * 100).toFixed(2);
