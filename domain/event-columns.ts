/**
 * The accepted events of one batch, as columns: no object per event. Index i of each column is one event; `service` and
 * `endpoint` are indices into the name lists.
 */
export interface EventColumns {
  readonly length: number;
  /** Kafka offset; -1 over plain HTTP. */
  readonly offset: Float64Array;
  /** Kafka record timestamp, ms, 0 or less where the record has none; the receiving clock over plain HTTP. */
  readonly timestamp_ms: Float64Array;
  readonly event_time_ms: Float64Array;
  readonly service: Uint16Array;
  readonly endpoint: Uint16Array;
  /** Whole microseconds, 0 to 3,600,000,000. */
  readonly latency_us: Uint32Array;
  readonly status_code: Uint16Array;
  /** 0 without a version, else one more than its index in `versions`. */
  readonly version: Uint16Array;
  readonly services: readonly string[];
  /** Templated: no query string, ids replaced. */
  readonly endpoints: readonly string[];
  readonly versions: readonly string[];
}
