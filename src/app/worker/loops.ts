/** What the worker does regularly, in the words of its log. */
export const LOOPS = {
  plan: "planning ahead",
  follow: "following what is open",
  "end-faults": "ending faults",
  sweep: "sweeping",
  repeat: "repeating what is open",
  history: "refreshing the history",
  annotate: "annotating experiments",
  retain: "removing expired data",
} as const;

export type Loop = keyof typeof LOOPS;
