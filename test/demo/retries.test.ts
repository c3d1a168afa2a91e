import { tellCallers } from "./callers.ts";

tellCallers([
  { story: "retries-hide", weakness: "retries-hide-failures", shows: true },
  { story: "retries-idle", weakness: "retries-hide-failures", shows: false },
  { story: "retry-storm", weakness: "retry-storm", shows: true },
  { story: "retry-never", weakness: "retry-storm", shows: false },
]);
