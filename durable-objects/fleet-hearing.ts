/**
 * Whether a silent service would be heard if it spoke. Of a Kafka source its bridge's heartbeats tell. Over plain HTTP, or where
 * a source has no heartbeat, the other services do: while one of them is heard, the way is open. Reports come only once a minute
 * while nobody watches, so that the objects themselves are asked.
 */
import type { MonitorPort, SilenceQuestion } from "../domain/fleet.ts";
import type { PipelineVerdict } from "../domain/silence.ts";
import type { FleetBridges } from "./fleet-bridges.ts";
import { inTime, type Later } from "./tell-services.ts";

/** Services that are asked, those that reported last: one of them that is heard is enough. */
const ASKED_MAX = 8;

interface HearingPorts {
  readonly bridges: FleetBridges;
  readonly monitors: Pick<MonitorPort, "lastReceived">;
  readonly later: Later;
  /** The other services, those that reported last first. */
  readonly others: (service: string) => readonly string[];
}

export class FleetHearing {
  readonly #ports: HearingPorts;

  constructor(ports: HearingPorts) {
    this.#ports = ports;
  }

  /** Never rejects. */
  async hears(question: SilenceQuestion, now_ms: number): Promise<PipelineVerdict> {
    const standings = question.sources.map((source) => this.#ports.bridges.standing(source, now_ms));
    if (standings.includes("stalled")) return "stalled";
    if (question.is_plain || standings.includes("untold") || standings.length === 0)
      return this.#hearsOthers(question, now_ms);
    return standings.includes("unsure") ? "unknown" : "flowing";
  }

  async #hearsOthers({ service, since_ms }: SilenceQuestion, now_ms: number): Promise<PipelineVerdict> {
    const { monitors, later, others } = this.#ports;
    const asked = others(service).slice(0, ASKED_MAX);
    const answers = await Promise.allSettled(asked.map((other) => inTime(later, monitors.lastReceived(other), other)));
    // What broke, broke for all within moments: only who was heard in the later half of the silence proves anything.
    const proof_ms = (since_ms + now_ms) / 2;
    const isHeard = answers.some((answer) => answer.status === "fulfilled" && (answer.value ?? 0) > proof_ms);
    if (isHeard) return "flowing";
    return answers.some(({ status }) => status === "rejected") ? "unknown" : "stalled";
  }
}
