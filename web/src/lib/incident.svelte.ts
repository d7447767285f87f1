/** What the page knows of one incident: itself, what happened to it, its narrative, and its service around it. */
import { SvelteMap } from "svelte/reactivity";
import { clock } from "./clock.svelte.ts";
import { Ledger } from "./deliveries/ledger.svelte.ts";
import { getJson } from "./http.ts";
import { incidentAxis, type Axis } from "./incident-axis.ts";
import { serviceOfIncident } from "./incident-id.ts";
import { earlierNeighbour, type EarlierNeighbour } from "./incident-neighbour.ts";
import { QuietServices } from "./quiet-services.svelte.ts";
import { ServiceView } from "./service.svelte.ts";
import type { Incident } from "../../../domain/incident.ts";
import type { DurableEvent } from "../../../domain/message.ts";
import type { Narrative } from "../../../domain/narrative.ts";

/** History hears of an incident some seconds after the page does. */
const LOOK_AGAIN_MS = 5000;

/** A model that has not written a resolved incident up by then is not waited for by the page either: an event would tell. */
const SETTLED_AFTER_MS = 15 * 60_000;

export class IncidentView {
  readonly id: string;
  readonly service: ServiceView;
  /** Those that it did not touch. */
  readonly quiet = new QuietServices();
  /** Who was told of it. */
  readonly ledger = new Ledger();
  /** What happened to it, by `seq`; of incidents that began more than 24 h ago only what was heard since. */
  readonly events = new SvelteMap<number, DurableEvent>();
  /** No such incident, as far as both its service and history know. */
  missing = $state(false);
  /** Why it could not be read; null where it could. */
  trouble: string | null = $state(null);

  /** The seconds of its time are no longer held by the service's object. */
  #coarse = $state(false);
  readonly #path: string;

  readonly incident: Incident | null = $derived.by(() => this.service.incidents.get(this.id) ?? null);
  /** The newest of its narratives; null where none was written, or none is known yet. */
  readonly narrative: Narrative | null = $derived.by(() => this.service.narratives.get(this.id) ?? null);
  /** The other service that went wrong first, as the evidence tells. */
  readonly earlier: EarlierNeighbour | null = $derived.by(() => earlierNeighbour(this.narrative?.evidence ?? []));

  readonly #earlier_name: string | null = $derived(this.earlier?.service ?? null);
  /** That service over the time of this incident; null where there is none. Whoever shows it follows it. */
  readonly neighbour: ServiceView | null = $derived.by(() => {
    const name = this.#earlier_name;
    if (name === null) return null;
    return new ServiceView(name, {
      axis: (now) => this.#axisAt(now),
      settled: () => this.#isSettled(),
      beside: true,
    });
  });

  constructor(id: string, service: string) {
    this.id = id;
    this.#path = `/v1/incidents/${encodeURIComponent(id)}`;
    this.service = new ServiceView(service, {
      axis: (now) => this.#axisAt(now),
      onEvent: (event) => this.#take(event),
      settled: () => this.#isSettled(),
      onLoaded: (windows, step) => {
        if (windows === 0 && step === 1) this.#coarse = true;
      },
    });
  }

  /** The view of an incident; null where the address is none of an incident. */
  static of(id: string): IncidentView | null {
    const service = serviceOfIncident(id);
    return service === null ? null : new IncidentView(id, service);
  }

  /** Follows the service's socket, reads history, and looks again while it is not known, until the returned function is called. */
  follow(): () => void {
    const stop = this.service.follow();
    void this.ask();
    const looking = setInterval(() => {
      if (document.visibilityState !== "visible") return;
      if (this.incident === null || this.trouble !== null) void this.ask();
      else void this.#readAround(this.incident);
    }, LOOK_AGAIN_MS);
    return () => {
      clearInterval(looking);
      stop();
    };
  }

  /** The axis is another one: what is drawn on it is read. */
  askCharts(): void {
    void this.service.ask();
    void this.neighbour?.ask();
  }

  /** The clock went on. */
  slide(): void {
    this.service.slide();
    this.neighbour?.slide();
  }

  /** Asks history for the incident and its words: the service's object knows the open one only. */
  async ask(): Promise<void> {
    const [incident, narrative] = await Promise.all([
      getJson<Incident>(this.#path),
      getJson<Narrative>(`${this.#path}/narrative`),
    ]);
    if (incident.ok) this.service.putIncident(incident.value);
    if (narrative.ok) this.service.putNarrative(narrative.value);
    const answers = [incident, narrative];
    // 404 is an answer: there is none (yet).
    const failed = answers.find((answer) => !answer.ok && answer.status !== 404);
    this.trouble = failed === undefined || failed.ok ? null : failed.detail;
    this.missing = !incident.ok && incident.status === 404 && this.incident === null;
    if (this.incident !== null) await this.#readAround(this.incident);
  }

  async #readAround(incident: Incident): Promise<void> {
    await Promise.all([this.quiet.readIfDue(incident), this.ledger.readIfDue(incident)]);
  }

  #axisAt(now: number): Axis | null {
    return this.incident === null ? null : incidentAxis(this.incident, now, this.#coarse, this.earlier?.began);
  }

  #take(event: DurableEvent): void {
    const id = event.type === "incident" ? event.incident.id : event.narrative.incident_id;
    if (id !== this.id) return;
    this.events.set(event.seq, event);
    this.missing = false;
  }

  /** It is over, its axis too, and nobody writes of it any more. */
  #isSettled(): boolean {
    const { incident } = this;
    if (incident?.resolved_at == null) return false;
    const over_ms = clock.now - Date.parse(incident.resolved_at);
    return over_ms > SETTLED_AFTER_MS && this.service.axis !== null && this.service.axis.until < clock.now / 1000;
  }
}
