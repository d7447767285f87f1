/** The Durable Object of the fleet: a thin adapter that gives the actor its storage, its clock and its neighbours. */
import { DurableObject } from "cloudflare:workers";
import type { DemoFault, DemoPort, DemoState, DemoWish } from "../domain/demo.ts";
import type {
  Admission,
  AdmissionRequest,
  FleetPort,
  FleetReport,
  ServiceEvent,
  SilenceQuestion,
} from "../domain/fleet.ts";
import type { IngestCounts } from "../domain/ingest-counts.ts";
import type { NeighbourIncident } from "../domain/evidence.ts";
import type { SurroundingsQuestion } from "../domain/narrator.ts";
import type { FleetPipeline, PipelineItem, ReadingsStatus } from "../domain/pipeline.ts";
import type { PipelineReading, ReadingsPort } from "../domain/pipeline-reading.ts";
import type { BatchPosition } from "../domain/positions.ts";
import type { Rejection, RejectionPort } from "../domain/rejection.ts";
import type { BridgeBeat, BridgeSeen, Page, Role, ServiceDetail, ServiceItem } from "../domain/resource.ts";
import type { SettingsDocument } from "../domain/settings-document.ts";
import type { VersionedSettings } from "../domain/settings.ts";
import type { PipelineVerdict } from "../domain/silence.ts";
import type { Silence } from "../domain/silencing.ts";
import type { Audience, AudienceChange, AudiencePort, ClickedLink, SubscriptionPort } from "../domain/subscriber.ts";
import { parseAllowedTargets } from "../domain/target-url.ts";
import { FleetActor } from "./fleet.ts";
import { FleetDemo } from "./fleet-demo.ts";
import type { HeartbeatPorts } from "./fleet-heartbeat.ts";
import { FleetReadings, NOTHING_KEPT } from "./fleet-readings.ts";
import { FleetRejections } from "./fleet-rejections.ts";
import { HibernatingSockets, parseLiveRequest } from "./live-sockets.ts";
import { durableStorage } from "./storage.ts";

/** What the Fleet needs of the Worker's environment. */
export interface FleetEnv {
  readonly SERVICE_MONITOR: {
    getByName(service: string): {
      watch(until_ms: number): Promise<void>;
      quarantine(quarantined: boolean): Promise<void>;
      takeSettings(offer: VersionedSettings): Promise<void>;
      lastReceived(): Promise<number | null>;
      forget(service: string, actor: string): Promise<boolean>;
      describe(): Promise<Pick<ServiceDetail, "outbox_since"> | null>;
    };
  };
  /** Told each minute while all works (fleet-heartbeat.ts); not set: no heartbeat. */
  readonly HEARTBEAT_URL?: string;
  readonly ALLOWED_TARGETS?: string;
  readonly SUBSCRIPTION: { getByName(id: string): Pick<SubscriptionPort, "configure" | "remove"> };
}

/** The Worker says how history is asked (worker/objects.ts). */
export abstract class FleetObject<Env extends FleetEnv = FleetEnv>
  extends DurableObject<Env>
  implements FleetPort, DemoPort, RejectionPort, AudiencePort, ReadingsPort
{
  /** Rejects where the history database does not answer. */
  protected abstract historyAnswers(): Promise<void>;
  /** Asks all parts of the pipeline but the Fleet, whose own part it is given (worker/pipeline-item.ts). */
  protected abstract readPipeline(fleet: FleetPipeline): Promise<PipelineItem>;

  readonly #sockets: HibernatingSockets;
  readonly #actor: FleetActor;
  readonly #demo: FleetDemo;
  readonly #rejections: FleetRejections;
  readonly #readings: FleetReadings;

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    const storage = durableStorage(state.storage);
    this.#sockets = new HibernatingSockets(state);
    this.#demo = new FleetDemo(storage);
    this.#rejections = new FleetRejections(storage);
    this.#readings = new FleetReadings({
      storage,
      now: () => Date.now(),
      read: async () => this.readPipeline(await this.#pipelineWith(NOTHING_KEPT)),
      arm: () => this.#actor.arm(),
    });
    this.#actor = new FleetActor({
      storage,
      now: () => Date.now(),
      random: (length) => crypto.getRandomValues(new Uint8Array(length)),
      monitors: {
        watch: (service, until_ms) => env.SERVICE_MONITOR.getByName(service).watch(until_ms),
        quarantine: (service, quarantined) => env.SERVICE_MONITOR.getByName(service).quarantine(quarantined),
        takeSettings: (service, offer) => env.SERVICE_MONITOR.getByName(service).takeSettings(offer),
        lastReceived: (service) => env.SERVICE_MONITOR.getByName(service).lastReceived(),
        forget: (service, actor) => env.SERVICE_MONITOR.getByName(service).forget(service, actor),
      },
      subscription: (id) => env.SUBSCRIPTION.getByName(id),
      sockets: this.#sockets,
      later: (delay_ms, work) => {
        const timer = setTimeout(work, delay_ms);
        return () => clearTimeout(timer);
      },
      background: (work) => state.waitUntil(work),
      tasks: { readings: this.#readings },
      ...this.#heartbeat(env),
    });
  }

  #heartbeat(env: FleetEnv): { readonly heartbeat?: HeartbeatPorts } {
    const url = (env.HEARTBEAT_URL ?? "").trim();
    if (url === "") return {};
    return {
      heartbeat: {
        url,
        allowed: () => parseAllowedTargets(env.ALLOWED_TARGETS),
        fetch: (input, init) => fetch(input, init),
        history: () => this.historyAnswers(),
        outboxSince: async (service) => (await env.SERVICE_MONITOR.getByName(service).describe())?.outbox_since ?? null,
      },
    };
  }

  admit(request: AdmissionRequest): Promise<readonly Admission[]> {
    return this.#actor.admit(request);
  }

  refuse(service: string, position: BatchPosition): Promise<boolean> {
    return this.#actor.refuse(service, position);
  }

  report(reports: readonly FleetReport[]): Promise<void> {
    this.#readings.touch();
    return this.#actor.report(reports);
  }

  incidents(events: readonly ServiceEvent[]): Promise<void> {
    return this.#actor.incidents(events);
  }

  neighbours(question: SurroundingsQuestion): Promise<readonly NeighbourIncident[]> {
    return this.#actor.neighbours(question);
  }

  claimKey(key_hash: string, body_hash: string): Promise<"new" | "same" | "conflict"> {
    return this.#actor.claimKey(key_hash, body_hash);
  }

  putSettings(version: number, document: SettingsDocument): Promise<void> {
    return this.#actor.putSettings(version, document);
  }

  settingsOf(service: string): Promise<VersionedSettings> {
    return this.#actor.settingsOf(service);
  }

  audience(service: string): Promise<Audience> {
    return this.#actor.audience(service);
  }

  changeAudience(changes: readonly AudienceChange[]): Promise<void> {
    return this.#actor.changeAudience(changes);
  }

  silences(): Promise<readonly Silence[]> {
    return this.#actor.silences();
  }

  admitWrite(link?: ClickedLink): Promise<number> {
    return this.#actor.admitWrite(link);
  }

  hears(question: SilenceQuestion): Promise<PipelineVerdict> {
    return this.#actor.hears(question);
  }

  remove(service: string, actor: string): ReturnType<FleetActor["remove"]> {
    return this.#actor.remove(service, actor);
  }

  isRegistered(service: string): Promise<boolean> {
    return this.#actor.isRegistered(service);
  }

  heartbeat(beat: BridgeBeat): Promise<void> {
    if ((beat.lag ?? 0) > 0) this.#readings.touch();
    return this.#actor.heartbeat(beat);
  }

  bridges(): Promise<readonly BridgeSeen[]> {
    return this.#actor.bridges();
  }

  mintCode(role: Role): Promise<{ readonly code: string; readonly expires_at: string }> {
    return this.#actor.mintCode(role);
  }

  redeemCode(code: string): Promise<Role | null> {
    return this.#actor.redeemCode(code);
  }

  services(after: string | null, limit: number): Promise<Page<ServiceItem>> {
    return this.#actor.services(after, limit);
  }

  quarantine(service: string, quarantined: boolean): ReturnType<FleetActor["quarantine"]> {
    return this.#actor.quarantine(service, quarantined);
  }

  async demoFaults(by_player: boolean): Promise<Omit<DemoState, "on">> {
    return this.#demo.state(by_player, Date.now());
  }

  async breakService(wish: DemoWish): Promise<DemoFault | null> {
    return this.#demo.begin(wish, Date.now());
  }

  async mendFaults(id: string | null): Promise<number> {
    return this.#demo.end(id, Date.now());
  }

  async pipeline(): Promise<FleetPipeline> {
    return this.#pipelineWith(this.#readings.status());
  }

  async #pipelineWith(readings: ReadingsStatus): Promise<FleetPipeline> {
    return { ...(await this.#actor.pipeline()), rejections: this.#rejections.list, readings };
  }

  async tellIngest(counts: IngestCounts): Promise<void> {
    this.#readings.count(counts);
  }

  async readings(from_ms: number): Promise<readonly PipelineReading[]> {
    return this.#readings.from(from_ms);
  }

  async tellRejections(rejections: readonly Rejection[]): Promise<void> {
    this.#rejections.take(rejections);
  }

  async rejections(): Promise<readonly Rejection[]> {
    return this.#rejections.list;
  }

  /** The WebSocket upgrade that the Worker forwards once it has checked it (live-sockets.ts). */
  override fetch(request: Request): Response {
    const response = this.#sockets.accept(parseLiveRequest(new URL(request.url)), (live) => this.#actor.greet(live));
    this.#actor.onConnected();
    return response;
  }

  override alarm(): void {
    this.#actor.onAlarm();
  }

  override webSocketMessage(socket: WebSocket): void {
    this.#sockets.refuseMessage(socket);
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    this.#sockets.answerClose(socket, code);
  }
}
