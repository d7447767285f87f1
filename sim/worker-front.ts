/** The Worker: isolates that come and go, each with its own memory of who is admitted. */
import type { FleetPort } from "../domain/fleet.ts";
import { scanBatch } from "../domain/ingest-scanner.ts";
import type { BatchPosition } from "../domain/positions.ts";
import type { ApplyAnswer, ApplyCall } from "../durable-objects/apply-call.ts";
import { Admissions } from "../worker/admissions.ts";
import { ingest, type IngestOutcome } from "../worker/ingest.ts";
import { CallFailed } from "./network.ts";
import type { MonitorHost } from "./monitor-host.ts";
import type { Surroundings } from "./surroundings.ts";

const ISOLATES = 2;
/** As worker/ingest-routes.ts: an object in quarantine must not hold up its partition for longer. */
const QUARANTINED_MS_MAX = 2_000;

export interface Post {
  readonly lines: readonly string[];
  readonly position: BatchPosition | null;
  readonly idempotency: ApplyCall["idempotency"];
}

/** What was answered. `isAsked`: false where the Fleet could not be asked for admission. */
export interface Posted {
  readonly outcome: IngestOutcome;
  readonly isAsked: boolean;
}

interface Neighbours {
  readonly fleet: Pick<FleetPort, "admit" | "refuse" | "report" | "claimKey">;
  readonly monitor: (service: string) => MonitorHost;
}

export class WorkerFront {
  readonly #surroundings: Surroundings;
  readonly #neighbours: Neighbours;
  readonly #isolates = Array.from({ length: ISOLATES }, () => new Admissions());

  constructor(surroundings: Surroundings, neighbours: Neighbours) {
    this.#surroundings = surroundings;
    this.#neighbours = neighbours;
  }

  async post({ lines, position, idempotency }: Post): Promise<Posted> {
    const { dice, scheduler, network } = this.#surroundings;
    const isolate = dice.whole(0, ISOLATES - 1);
    if (dice.chance(network.chaos.evict)) this.#isolates[isolate] = new Admissions();
    const body = new TextEncoder().encode(lines.join("\n"));
    const scanned = scanBatch(body, { framing: position ?? "ndjson", clock_ms: scheduler.now_ms });
    if (!scanned.ok) throw new Error(`the simulation wrote a batch that breaks the contract: ${scanned.detail}`);
    if (idempotency !== null && (await this.#isConflict(idempotency)))
      return { outcome: { kind: "key_conflict" }, isAsked: true };
    const { fleet } = this.#neighbours;
    let isAsked = true;
    const admit: FleetPort["admit"] = async (request) => {
      isAsked = false;
      const admissions = await fleet.admit(request);
      isAsked = true;
      return admissions;
    };
    const neighbours = {
      fleet: { ...fleet, admit },
      admissions: this.#isolates[isolate]!,
      apply: (call: ApplyCall) => this.#apply(call),
    };
    const outcome = await ingest({ scanned, position, idempotency }, neighbours, scheduler.now_ms);
    if (outcome.kind !== "key_conflict" && outcome.reports.length > 0) void this.#report(outcome.reports);
    return { outcome, isAsked };
  }

  #apply(call: ApplyCall): Promise<ApplyAnswer> {
    const { network, scheduler } = this.#surroundings;
    const host = this.#neighbours.monitor(call.service);
    const answer = network.call({ late: true }, () => host.apply(call));
    if (!call.quarantined) return answer;
    const timeout = scheduler.sleep(QUARANTINED_MS_MAX).then(() => {
      throw new CallFailed("no answer in time");
    });
    return Promise.race([answer, timeout]);
  }

  async #isConflict({ key, body }: NonNullable<ApplyCall["idempotency"]>): Promise<boolean> {
    try {
      return (await this.#neighbours.fleet.claimKey(key, body)) === "conflict";
    } catch {
      // Without the Fleet each service still knows the keys that it applied itself.
      return false;
    }
  }

  async #report(reports: Parameters<FleetPort["report"]>[0]): Promise<void> {
    try {
      await this.#neighbours.fleet.report(reports);
    } catch {
      // The Fleet's view is no part of the acknowledgement: a report that is lost is replaced by the next one.
      this.#surroundings.trace("a report is lost");
    }
  }
}
