/** The Durable Object of a service: a thin adapter that gives the actor its storage, its clock and its neighbours. */
import { DurableObject } from "cloudflare:workers";
import type { FleetPort } from "../domain/fleet.ts";
import type { History } from "../domain/history.ts";
import type { IncidentAnswer, IncidentCall } from "../domain/incident-act.ts";
import type { Narrative } from "../domain/narrative.ts";
import type { NarrativeDraft, NarrativeVerdict, NarratorPort } from "../domain/narrator.ts";
import type { ServiceDetail, WindowItem } from "../domain/resource.ts";
import type { ServiceSettings, VersionedSettings } from "../domain/settings.ts";
import type { ComparedSpan } from "../domain/settings-preview.ts";
import type { SubscribersPort } from "../domain/subscriber.ts";
import type { ApplyAnswer, ApplyCall } from "./apply-call.ts";
import { HibernatingSockets, parseLiveRequest } from "./live-sockets.ts";
import { ServiceMonitorActor } from "./service-monitor.ts";
import { durableStorage } from "./storage.ts";

/** How long the first batch of a service waits for the Fleet's word on its settings. */
const ASK_MS_MAX = 3_000;

/** The Worker says where history goes, and who the Fleet, the service's Narrator and its subscribers are (worker/objects.ts). */
export abstract class ServiceMonitorObject<Env = unknown> extends DurableObject<Env> {
  protected abstract history(): History;
  protected abstract fleet(): FleetPort;
  protected abstract narrator(): NarratorPort;
  protected abstract subscribers(): SubscribersPort;
  /** Whether the Narrator has a model to ask. */
  protected abstract hasModel(): boolean;

  #made: { actor: ServiceMonitorActor; sockets: HibernatingSockets } | undefined;
  #tick_timer = false;

  async apply(call: ApplyCall): Promise<ApplyAnswer> {
    const actor = this.#actor;
    // Settings come before the first batch, or its seconds would be judged by others than those after it.
    if (!actor.exists() && actor.askDue) await this.#inTime(actor.ask(call.service));
    const answer = actor.apply(call);
    this.#afterwards();
    return answer;
  }

  takeSettings(offer: VersionedSettings): void {
    this.#actor.takeSettings(offer);
    this.#afterwards();
  }

  settings(): ReturnType<ServiceMonitorActor["settings"]> {
    return this.#actor.settings();
  }

  /** What these settings would have told of the last day's seconds; null while none is closed. Batches are applied in between. */
  preview(settings: ServiceSettings): Promise<ComparedSpan | null> {
    return this.#actor.preview(settings, () => new Promise((resolve) => setTimeout(resolve, 0)));
  }

  watch(until_ms: number): void {
    this.#actor.watch(until_ms);
  }

  quarantine(quarantined: boolean): void {
    this.#actor.quarantine(quarantined);
  }

  act(call: IncidentCall): IncidentAnswer {
    const answer = this.#actor.act(call);
    this.#afterwards();
    return answer;
  }

  narrative(incident_id: string): Narrative | null {
    return this.#actor.narrative(incident_id);
  }

  takeNarrative(draft: NarrativeDraft): NarrativeVerdict {
    const verdict = this.#actor.takeNarrative(draft);
    this.#afterwards();
    return verdict;
  }

  forget(service: string, actor: string): boolean {
    const hadSomething = this.#actor.forget(service, actor);
    this.#afterwards();
    return hadSomething;
  }

  lastReceived(): number | null {
    return this.#actor.lastReceived();
  }

  exists(): boolean {
    return this.#actor.exists();
  }

  watermark(): number | null {
    return this.#actor.watermark();
  }

  describe(): ServiceDetail | null {
    return this.#actor.describe();
  }

  windows(from_s: number, to_s: number, limit: number): { items: WindowItem[]; next_s: number | null } {
    return this.#actor.windows(from_s, to_s, limit);
  }

  /** The WebSocket upgrade that the Worker forwards once it has checked it (live-sockets.ts). */
  override fetch(request: Request): Response {
    const actor = this.#actor;
    // Admitted, but no batch was ever applied: there is nothing to greet with.
    if (!actor.exists()) return new Response(null, { status: 404 });
    const response = this.#sockets.accept(parseLiveRequest(new URL(request.url)), (live) => actor.greet(live));
    actor.onSocketsChanged();
    return response;
  }

  override alarm(): void {
    this.#actor.onAlarm();
    this.#afterwards();
  }

  override webSocketMessage(socket: WebSocket): void {
    this.#sockets.refuseMessage(socket);
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    this.#sockets.answerClose(socket, code);
  }

  /** Slow work starts here and is not awaited: neither a batch nor an alarm waits for D1 or the Fleet. */
  #afterwards(): void {
    const actor = this.#actor;
    if (actor.drainDue) this.ctx.waitUntil(actor.drain());
    this.#scheduleTick(actor);
  }

  /** A Fleet that hangs must not hold up a batch: its answer counts when it comes. */
  async #inTime(work: Promise<void>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ASK_MS_MAX);
    await Promise.race([work, promise]);
    clearTimeout(timer);
  }

  #scheduleTick(actor: ServiceMonitorActor): void {
    const delay_ms = actor.tickDelayMs;
    if (delay_ms === null || this.#tick_timer) return;
    // What changed within a quarter of a second goes out at its end; with nothing to send there is no timer.
    this.#tick_timer = true;
    setTimeout(() => {
      this.#tick_timer = false;
      actor.tick();
      // A timer may ring a moment early: then the tick still waits.
      this.#scheduleTick(actor);
    }, delay_ms);
  }

  get #actor(): ServiceMonitorActor {
    return this.#parts.actor;
  }

  get #sockets(): HibernatingSockets {
    return this.#parts.sockets;
  }

  // Made at first use: a subclass's methods cannot be called before its own constructor has run.
  get #parts(): { actor: ServiceMonitorActor; sockets: HibernatingSockets } {
    if (this.#made === undefined) {
      const sockets = new HibernatingSockets(this.ctx);
      const neighbours = {
        history: this.history(),
        fleet: this.fleet(),
        narrator: this.narrator(),
        subscribers: this.subscribers(),
        has_model: this.hasModel(),
        sockets,
      };
      this.#made = {
        sockets,
        actor: new ServiceMonitorActor(durableStorage(this.ctx.storage), () => Date.now(), neighbours),
      };
    }
    return this.#made;
  }
}
