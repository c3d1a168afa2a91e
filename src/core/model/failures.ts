/** A label, and the regular expression that it matches whole. */
export interface LabelPattern {
  readonly label: string;
  readonly matches: string;
}

/**
 * What a failed request of single services (`namespace/name`) is, where that is not what the
 * signals file says; each part that is left out is as there.
 */
export type OwnFailures = Readonly<
  Record<
    string,
    {
      /** One of these makes it a failure … */
      readonly any?: readonly LabelPattern[] | undefined;
      /** … unless it carries one of these flags … */
      readonly exceptFlags?: readonly string[] | undefined;
      /** … or one of these labels. */
      readonly except?: readonly LabelPattern[] | undefined;
    }
  >
>;
