/**
 * Fewer instants than this veto nothing: the neighbours of the one that was drawn see the same
 * burst. With 20 candidates 79 % of true three-minute effects were vetoed, with 60 62 %, with 240
 * none (judge.md §2.6).
 */
export const FEWEST_CANDIDATES = 240;
/** A discovery stands when at most this share of the instants looks as bad. */
const VETO_P = 0.05;

/** Does a discovery that looks as bad at a share `p` of `candidates` instants fall? */
export const isVetoed = (p: number | null, candidates: number): boolean =>
  p !== null && candidates >= FEWEST_CANDIDATES && p > VETO_P;
