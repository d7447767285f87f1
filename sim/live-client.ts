/** A page on an object's socket: it comes and goes, and resumes after the last durable event that it heard. */
import type { FleetMessage, ServiceMessage } from "../domain/message.ts";
import type { LiveRequest, LiveSockets } from "../durable-objects/live-sockets.ts";
import type { Surroundings } from "./surroundings.ts";

type Message = ServiceMessage | FleetMessage;

/** Sockets outlive the memory of their object. */
export class LiveClient implements LiveSockets {
  readonly #name: string;
  readonly #surroundings: Surroundings;
  #isOpen = false;
  /** The last durable event that it holds; null before the first snapshot. */
  #seq: number | null = null;

  constructor(name: string, surroundings: Surroundings) {
    this.#name = name;
    this.#surroundings = surroundings;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /**
   * `greet`: the object's first messages, in one step with accepting; none where there is no service yet. Where `accepted` throws,
   * the upgrade fails and nothing of it is heard.
   */
  connect(greet: (request: LiveRequest) => readonly Message[], accepted: () => void): void {
    const before = this.#seq;
    const messages = greet({ after: before, expires_at: null, min_severity: null });
    if (messages.length === 0) return;
    try {
      this.#isOpen = true;
      accepted();
    } catch (error) {
      this.#isOpen = false;
      throw error;
    }
    this.#begin(messages);
  }

  #begin([snapshot, ...missed]: readonly Message[]): void {
    if (snapshot?.type !== "snapshot") return this.#broken("a snapshot", snapshot?.type);
    // A snapshot tells the newest number; what was missed follows it.
    if (this.#seq === null) this.#seq = snapshot.seq;
    else if (snapshot.reset) this.#seq = snapshot.seq - missed.length;
    for (const message of missed) this.#hear(message);
    if (this.#seq !== snapshot.seq) this.#broken(`events up to ${snapshot.seq}`, this.#seq);
  }

  leave(): void {
    this.#isOpen = false;
  }

  count(): number {
    return this.#isOpen ? 1 : 0;
  }

  broadcast(message: Message): void {
    if (this.#isOpen) this.#hear(message);
  }

  closeEnded(): void {
    // A session of this page does not end.
  }

  closeAll(): void {
    this.#isOpen = false;
  }

  earliestExpiry(): number | null {
    return null;
  }

  #hear(message: Message): void {
    if (message.type !== "incident" && message.type !== "narrative") return;
    const next = (this.#seq ?? 0) + 1;
    if (message.seq !== next) this.#broken(`event ${next}`, message.seq);
    this.#seq = message.seq;
    const told =
      message.type === "incident"
        ? `${message.action} ${message.incident.id}`
        : `words ${message.narrative.revision} of ${message.narrative.incident_id}`;
    this.#surroundings.trace(`${this.#name} hears ${message.seq} ${told}`);
  }

  #broken(expected: unknown, found: unknown): void {
    this.#surroundings.invariants.fail("live_without_gaps", this.#name, expected, found);
  }
}
