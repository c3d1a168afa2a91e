/**
 * How widely, and how slowly, one signal of all services swings: what the few steps of one of them
 * may be too calm, or too few, to show.
 */
export interface CommonSwing {
  /** Squared relative swing of a step, beyond chance. */
  readonly swing: number;
  /** How much the swing of a step resembles that of the one before. */
  readonly lag1: number;
}
