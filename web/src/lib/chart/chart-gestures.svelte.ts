/** What pointer and keys do on the charts: ask for a moment, and choose a span to zoom into (zoom-drag.ts). */
import { beginDrag, chosenSpan, draggedSpan, moveDrag, type ZoomDrag } from "./zoom-drag.ts";
import type { Axis } from "../incident-axis.ts";
import type { Span } from "../span.ts";

/** Steps that an arrow key goes with Shift: a minute where a point is five seconds. */
const STEPS_FAST = 12;

export interface GestureSource {
  readonly axis: Axis;
  /** Epoch seconds of the newest point; null without one. */
  readonly newest: number | null;
  /** As wide as every plot. */
  readonly plot: HTMLElement | undefined;
  /** Null where the charts do not zoom. */
  readonly onzoom: ((span: Span) => void) | null;
}

export class ChartGestures {
  /** The moment that is asked for, epoch seconds. */
  asked_at: number | null = $state(null);
  #drag: ZoomDrag | null = $state.raw(null);
  readonly #source: () => GestureSource;

  /** The span that is being chosen. */
  readonly selected: Span | null = $derived(draggedSpan(this.#drag));
  readonly choosing: boolean = $derived(this.#drag !== null);

  constructor(source: () => GestureSource) {
    this.#source = source;
  }

  /** A finger on a phone moves the crosshair along and marks a span; the page still scrolls up and down. */
  pressed(event: PointerEvent): void {
    this.asked_at = this.#momentAt(event);
    if (this.#source().onzoom === null || this.asked_at === null || event.button !== 0 || isControl(event)) return;
    this.#drag = beginDrag(this.asked_at, event.clientX);
    if (event.currentTarget instanceof Element) event.currentTarget.setPointerCapture(event.pointerId);
  }

  moved(event: PointerEvent): void {
    this.asked_at = this.#momentAt(event);
    if (this.#drag === null || this.#drag.start_px === null || this.asked_at === null) return;
    this.#drag = moveDrag(this.#drag, this.asked_at, event.clientX);
  }

  released(): void {
    const span = chosenSpan(this.#drag);
    this.#drag = null;
    if (span !== null) this.#source().onzoom?.(span);
  }

  /** The browser took the pointer, to scroll as a rule. */
  cancelled(): void {
    this.#drag = null;
  }

  /** The pointer is elsewhere; one that is held down still marks its span. */
  left(): void {
    if (this.#drag?.start_px == null) this.asked_at = null;
  }

  /** The focus is elsewhere. */
  blurred(): void {
    this.asked_at = null;
    this.#drag = null;
  }

  keys(event: KeyboardEvent): void {
    if (event.key === "Escape") return this.#leave(event);
    if (event.key === "Enter" && this.#source().onzoom !== null) return this.#mark(event);
    const { axis, newest } = this.#source();
    const step = event.key === "ArrowLeft" ? -axis.step_s : event.key === "ArrowRight" ? axis.step_s : 0;
    if (step === 0) return;
    event.preventDefault();
    const start = this.asked_at ?? (newest ?? axis.until) - step;
    const at = Math.min(axis.until - 1, Math.max(axis.from, start + step * (event.shiftKey ? STEPS_FAST : 1)));
    this.asked_at = at;
    if (this.#drag !== null) this.#drag = moveDrag(this.#drag, at);
  }

  /** Enter begins a span at the moment that is asked for, and once more zooms into it. */
  #mark(event: KeyboardEvent): void {
    event.preventDefault();
    if (this.#drag === null) {
      const { from, until } = this.#source().axis;
      this.asked_at ??= (from + until) / 2;
      this.#drag = beginDrag(this.asked_at);
      return;
    }
    this.released();
    this.asked_at = null;
  }

  /** Escape leaves the span that is being chosen, then the moment; where there is neither, it is the page's. */
  #leave(event: KeyboardEvent): void {
    if (this.#drag === null && this.asked_at === null) return;
    event.stopPropagation();
    if (this.#drag !== null) this.#drag = null;
    else this.asked_at = null;
  }

  /** The moment under the pointer, within the axis; null outside of the plots, unless a span is being marked. */
  #momentAt(event: PointerEvent): number | null {
    const { plot, axis } = this.#source();
    if (plot === undefined) return null;
    const box = plot.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    if (this.#drag === null && (share < -0.01 || share > 1.01)) return null;
    return axis.from + Math.min(1, Math.max(0, share)) * (axis.until - axis.from);
  }
}

/** What a pointer does on a control within the charts is that control's. */
export function isControl(event: Event): boolean {
  return event.target instanceof Element && event.target.closest("button, a") !== null;
}
