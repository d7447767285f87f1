/** Demo mode as the page has it: whether it is on, what is broken, and the stopwatch from a click to its incident on the screen. */
import { clock } from "../clock.svelte.ts";
import { deleteJson, getJson, postJson } from "../http.ts";
import { isPlayed, toldBy } from "./demo-words.ts";
import type { DemoFault, DemoState, DemoWish } from "../../../../domain/demo.ts";
import type { Incident } from "../../../../domain/incident.ts";

/** How often what is broken is looked at: others may break and mend too. */
const LOOK_EVERY_MS = 2000;

/** What was broken last from here. */
export interface Stopwatch {
  readonly fault: DemoFault;
  /** Of the click, by performance.now(). */
  readonly clicked: number;
  /** Milliseconds from the click until its incident was on the screen; null until then. */
  readonly took_ms: number | null;
  readonly incident_id: string | null;
}

class Demo {
  state: DemoState = $state.raw({ on: false, faults: [], asked_at: null });
  /** A generator asked while somebody looked: where none ever did there is nothing to break. */
  played = $state(false);
  watch: Stopwatch | null = $state.raw(null);
  trouble: string | null = $state(null);
  sending = $state(false);

  /** A generator is there now. */
  get playing(): boolean {
    return isPlayed(this.state, clock.now);
  }

  /** Looks until the returned function is called; once, where demo mode is off. */
  follow(): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    const look = async () => {
      await this.look();
      if (!over && this.state.on) timer = setTimeout(() => void look(), LOOK_EVERY_MS);
    };
    void look();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }

  async look(): Promise<void> {
    const answer = await getJson<DemoState>("/v1/demo/faults");
    // Without an answer the connection says what is wrong; what is known stays.
    if (!answer.ok) return;
    this.state = answer.value;
    this.played ||= isPlayed(answer.value, clock.exact());
  }

  async break(wish: DemoWish): Promise<void> {
    if (this.sending) return;
    this.trouble = null;
    this.sending = true;
    const clicked = performance.now();
    const answer = await postJson<DemoFault>("/v1/demo/faults", wish);
    this.sending = false;
    if (!answer.ok) {
      this.trouble = answer.detail;
      return;
    }
    this.watch = { fault: answer.value, clicked, took_ms: null, incident_id: null };
    await this.look();
  }

  async mend(id: string): Promise<void> {
    const answer = await deleteJson<{ readonly ended: number }>(`/v1/demo/faults/${encodeURIComponent(id)}`);
    this.trouble = answer.ok ? null : answer.detail;
    await this.look();
  }

  /** Stops the watch if one of the incidents that are on the screen tells of the fault. */
  seen(incidents: Iterable<Incident>): void {
    if (this.watch === null || this.watch.took_ms !== null) return;
    const incident = toldBy(this.watch.fault, incidents);
    if (incident === null) return;
    this.watch = { ...this.watch, took_ms: performance.now() - this.watch.clicked, incident_id: incident.id };
  }
}

export const demo = new Demo();
