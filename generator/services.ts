/** The services that the generator plays, and what is normal for each. */

export interface EndpointProfile {
  readonly endpoint: string;
  /** Share of the service's requests, 0 to 1; those of a service add up to 1. */
  readonly share: number;
  /** Mean latency in ms. */
  readonly latency_ms_mean: number;
}

export interface ServiceProfile {
  readonly service: string;
  /** The deployed version, the same all the time: what the generator lets fail comes of no deploy. */
  readonly version: string;
  readonly endpoints: readonly EndpointProfile[];
}

/** Share of requests that fail while all is well. */
export const ERROR_SHARE = 0.02;

/** What a failing service answers with. */
export const ERROR_STATUS_CODES: readonly number[] = [500, 502, 503];

/**
 * Spread of the log-normal latencies (standard deviation of their logarithm): p50 is 0.88, p95 2.0 and p99 2.8 times the mean,
 * the long tail that request latencies have.
 */
export const LATENCY_SIGMA = 0.5;

/** Means of 150, 200 and 50 ms, as the shares weigh them. `:id` is replaced by a number, for the receiver to template. */
const BASE: readonly ServiceProfile[] = [
  {
    service: "checkout",
    version: "3.12.0",
    endpoints: [
      { endpoint: "/cart/pay", share: 0.45, latency_ms_mean: 190 },
      { endpoint: "/cart/items", share: 0.35, latency_ms_mean: 110 },
      { endpoint: "/cart/shipping", share: 0.2, latency_ms_mean: 130 },
    ],
  },
  {
    service: "payments",
    version: "2.4.1",
    endpoints: [
      { endpoint: "/payments/authorize", share: 0.5, latency_ms_mean: 240 },
      { endpoint: "/payments/capture", share: 0.3, latency_ms_mean: 200 },
      { endpoint: "/payments/:id/refund", share: 0.2, latency_ms_mean: 100 },
    ],
  },
  {
    service: "search",
    version: "5.0.7",
    endpoints: [
      { endpoint: "/search", share: 0.6, latency_ms_mean: 60 },
      { endpoint: "/suggest", share: 0.3, latency_ms_mean: 30 },
      { endpoint: "/products/:id", share: 0.1, latency_ms_mean: 50 },
    ],
  },
];

/** The first `count` services: the three base ones, then copies of them in turn (`checkout-2`, `payments-2`, ...). */
export function servicesOf(count: number): readonly ServiceProfile[] {
  return Array.from({ length: count }, (_, index) => {
    const base = BASE[index % BASE.length];
    if (base === undefined) throw new Error("there is no base service");
    const copy = Math.floor(index / BASE.length) + 1;
    return copy === 1 ? base : { ...base, service: `${base.service}-${copy}` };
  });
}

/** Mean latency of a service in ms while all is well. */
export function meanLatencyOf(profile: ServiceProfile): number {
  return profile.endpoints.reduce((sum, endpoint) => sum + endpoint.share * endpoint.latency_ms_mean, 0);
}
