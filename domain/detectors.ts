/** The detectors of a service, stepped together over its closed seconds. */
import type { Finding } from "./finding.ts";
import { ReferenceDetector } from "./reference-detector.ts";
import type { ClosedSecond } from "./second-ring.ts";
import { SequentialDetector } from "./sequential-detector.ts";
import type { Sketch } from "./sketch.ts";

/** Changes in place; `clone` first where the old state must stay. */
export class Detectors {
  readonly reference: ReferenceDetector;
  readonly sequential: SequentialDetector;

  constructor(reference = new ReferenceDetector(), sequential = new SequentialDetector()) {
    this.reference = reference;
    this.sequential = sequential;
  }

  clone(): Detectors {
    return new Detectors(this.reference.clone(), this.sequential.clone());
  }

  /** Judges `second` once it is closed. Call it for each second without a gap, empty ones too. */
  step(second: number, closed: ClosedSecond, sketch: Sketch, sla_ms: number | null): Finding[] {
    const reference = this.reference.step(second, closed, sketch, sla_ms);
    const sequential = this.sequential.step(second, closed, sketch, this.reference.ring);
    // The SLA has to do while nothing is known of a service's own latency.
    const promised = this.sequential.isLearningLatency
      ? reference.filter((finding) => finding.metric_name === "avg_latency_ms")
      : [];
    return [...sequential, ...promised];
  }
}
