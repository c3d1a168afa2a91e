import { tellCallers } from "./callers.ts";

tellCallers([
  { story: "no-timeout", weakness: "no-timeout", shows: true },
  { story: "timeout", weakness: "no-timeout", shows: false },
  { story: "no-fallback", target: "offers", weakness: "no-fallback", shows: true },
  { story: "fallback", target: "offers", weakness: "no-fallback", shows: false },
]);
