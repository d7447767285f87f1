/** Latencies of several endpoints as plain numbers, so that one sort brings those of each endpoint together. */
import { latencyBin, type Sketch, sketchOfRun } from "./sketch.ts";

/** Bits of a bin's number, of which there are 1,102; the endpoint's number stands above them. */
const BIN_BITS = 11;
const BIN_MASK = (1 << BIN_BITS) - 1;

/** A latency of an endpoint, in 32 bits; `endpoint` is below 2^16. */
export function endpointLatency(endpoint: number, latency_us: number): number {
  return (endpoint << BIN_BITS) | latencyBin(latency_us);
}

/** Hands on the sketch of each endpoint that has a latency, ascending by endpoint. Sorts `latencies` in place. */
export function eachEndpointSketch(latencies: Uint32Array, take: (endpoint: number, sketch: Sketch) => void): void {
  if (latencies.length > 1) latencies.sort();
  for (let start = 0; start < latencies.length;) {
    const endpoint = latencies[start]! >>> BIN_BITS;
    let end = start + 1;
    while (end < latencies.length && latencies[end]! >>> BIN_BITS === endpoint) end += 1;
    take(endpoint, sketchOfRun(latencies, start, end, BIN_MASK));
    start = end;
  }
}
