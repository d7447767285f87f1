/** What was refused lately, so that whoever connects something sees at once what is wrong with it. */

/** An event or a whole request that was refused. All text of it is data. */
export interface Rejection {
  /** RFC 3339, the receiving clock. */
  readonly at: string;
  /** A word of REJECT_REASONS for an event, of the problem for a whole request. */
  readonly reason: string;
  /** Names the field and what would be right. */
  readonly detail: string;
  /** Where it came from: `raw_events/3 @41` for topic, partition and offset, `line 2` over plain HTTP, or `request`. */
  readonly where: string;
  /** The beginning of the event as text, at most REJECTION_VALUE_LENGTH characters; empty for a whole request. */
  readonly value: string;
}

/** As many as are kept, the newest. */
export const REJECTIONS_MAX = 20;
export const REJECTION_VALUE_LENGTH = 200;

export interface RejectionPort {
  /** Takes those that came since the last time, the oldest first. */
  tellRejections(rejections: readonly Rejection[]): Promise<void>;
  /** The newest first. */
  rejections(): Promise<readonly Rejection[]>;
}
