/** A stretch of time. Epoch seconds, `until` exclusive. */
export interface Span {
  readonly from: number;
  readonly until: number;
}
