/** What the page of an incident knows of the services that it did not touch: from history, a minute a point. */
import { clock } from "./clock.svelte.ts";
import { getJson } from "./http.ts";
import { quietService, quietServices, quietSpan, touchSpan, type QuietService } from "./quiet-services.ts";
import { isoSecond } from "./window-reader.ts";
import type { Incident } from "../../../domain/incident.ts";
import type { Page, ServiceItem, WindowItem } from "../../../domain/resource.ts";
import type { Span } from "./span.ts";

/** While it is open another minute is to come. */
const READ_EVERY_MS = 60_000;
const LIST_MAX = 1000;

export class QuietServices {
  items: readonly QuietService[] = $state.raw([]);
  /** How many more were not touched. */
  others = $state(0);
  /** The hour of the small charts, epoch seconds. */
  span: Span = $state.raw({ from: 0, until: 3600 });
  /** Why they could not be read; null where they could. */
  trouble: string | null = $state(null);

  #read_ms = -Infinity;
  /** It is read once more when it is over, and then no more. */
  #readStatus: Incident["status"] | null = null;

  /** Reads where that is due. */
  async readIfDue(incident: Incident): Promise<void> {
    const isOver = this.#readStatus === "resolved" && this.trouble === null;
    const isNew = this.#readStatus !== incident.status;
    if (isOver || (!isNew && clock.now - this.#read_ms < READ_EVERY_MS)) return;
    this.#read_ms = clock.now;
    this.#readStatus = incident.status;
    this.trouble = await this.#read(incident);
  }

  async #read(incident: Incident): Promise<string | null> {
    const span = quietSpan(incident, clock.now / 1000);
    const during = touchSpan(incident, span);
    const query = new URLSearchParams({ from: isoSecond(during.from), limit: String(LIST_MAX) });
    if (during.until !== Infinity) query.set("to", isoSecond(during.until));
    const [services, incidents] = await Promise.all([
      getJson<Page<ServiceItem>>(`/v1/services?limit=${LIST_MAX}`),
      getJson<Page<Incident>>(`/v1/incidents?${query.toString()}`),
    ]);
    if (!services.ok) return services.detail;
    if (!incidents.ok) return incidents.detail;
    const { names, others } = quietServices(
      services.value.items,
      incidents.value.items,
      incident,
      this.items.map(({ service }) => service),
    );
    const answers = await Promise.all(names.map(async (name) => [name, await this.#minutes(name, span)] as const));
    const failed = answers.map(([, answer]) => answer).find((answer) => !answer.ok);
    if (failed !== undefined && !failed.ok) return failed.detail;
    this.items = answers.flatMap(([name, answer]) => {
      const wrong = incidents.value.items.filter(({ service }) => service === name);
      const quiet = answer.ok ? quietService(name, answer.value.items, wrong) : null;
      return quiet === null ? [] : [quiet];
    });
    this.others = others;
    this.span = span;
    return null;
  }

  #minutes(service: string, { from, until }: Span) {
    const query = new URLSearchParams({ from: isoSecond(from), to: isoSecond(until), step: "60" });
    return getJson<Page<WindowItem>>(`/v1/services/${encodeURIComponent(service)}/windows?${query.toString()}`);
  }
}
