/**
 * An instant answer is some thousand rows of some hundred bytes; what is larger is refused before
 * it is parsed, which takes ten times as much room.
 */
export const INSTANT_MAX_BYTES = 16 * 1024 * 1024;
export const INSTANT_MAX_ROWS = 50_000;
/** One series of a matrix: a week of samples every second takes 15 MB. */
export const SERIES_MAX_BYTES = 32 * 1024 * 1024;
/** Series in one matrix: no mesh has so many after the sums in rules/signals. */
export const MATRIX_MAX_SERIES = 1_000_000;
