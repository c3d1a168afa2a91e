/** The normal deviate for a power of 80 %, Φ⁻¹(0.8): such a change is found four times of five. */
export const POWER = 0.8416;
