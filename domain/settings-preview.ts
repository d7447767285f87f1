/** What other settings would have told of a service's last day, beside what those in force would have: nothing is changed by it. */
import { DetectionRun } from "./detection-run.ts";
import type { Minute } from "./minute.ts";
import { compareIncidents, countChanges } from "./replay-compare.ts";
import type { ComparedChange, ComparedIncident } from "./replay-line.ts";
import { formatRfc3339 } from "./rfc3339.ts";
import type { ServiceSettings } from "./settings.ts";
import type { VersionTable } from "./version-table.ts";

/** Times are RFC 3339 in event time; `before` of an incident is by the settings in force, `after` by those that are tried. */
export interface ComparedSpan {
  readonly from: string;
  readonly to: string;
  readonly counts: Readonly<Record<ComparedChange, number>>;
  readonly compared: readonly ComparedIncident[];
}

/** The answer of `POST /v1/services/:service/settings/preview`. */
export interface SettingsPreview {
  readonly service: string;
  /** Over the seconds that are held, at most a day; null where none is. */
  readonly seconds: ComparedSpan | null;
  /** Further back, over minutes, where only the plain rules can be asked; null where that was not wanted. */
  readonly minutes: ComparedSpan | null;
  /** What it cannot say, in sentences. */
  readonly notes: readonly string[];
}

/** Both start from nothing learned, so that what differs comes from the settings alone. */
export class SecondsPreview {
  readonly #runs: { readonly before: DetectionRun; readonly after: DetectionRun };
  readonly #from: number;
  readonly #to: number;

  /** Judges the closed seconds from `from` to before `to`. */
  constructor(
    service: string,
    settings: { readonly before: ServiceSettings; readonly after: ServiceSettings },
    versions: VersionTable,
    from: number,
    to: number,
  ) {
    const { before, after } = settings;
    this.#runs = {
      before: new DetectionRun(service, before, versions),
      after: new DetectionRun(service, after, versions),
    };
    this.#from = from;
    this.#to = to;
  }

  /** Judges a minute; every minute in turn, those without a request too. */
  step(number: number, minute: Minute | undefined): void {
    for (const run of [this.#runs.before, this.#runs.after]) run.run(number, minute, this.#from, this.#to);
  }

  result(): ComparedSpan {
    const { before, after } = this.#runs;
    const compared = compareIncidents(before.told.all, after.told.all);
    const [from, to] = [this.#from, this.#to].map((second) => formatRfc3339(second * 1000)) as [string, string];
    return { from, to, counts: countChanges(compared), compared };
  }
}

/** What a preview over stored sums cannot show of a change. */
export function previewNotes(before: ServiceSettings, after: ServiceSettings): string[] {
  const isSame = (of: (settings: ServiceSettings) => unknown): boolean =>
    JSON.stringify(of(before)) === JSON.stringify(of(after));
  const notes: string[] = [];
  if (!isSame(({ errors }) => errors))
    notes.push("errors: which requests failed is stored as it was counted; the change shows from its first second on.");
  if (!isSame(({ disorder_s }) => disorder_s))
    notes.push("disorder_s: what was late then is in its second now; the change shows from its first second on.");
  const leavesOut = ({ endpoints, exclude }: ServiceSettings): unknown => [
    exclude.endpoints,
    Object.keys(endpoints).filter((name) => endpoints[name]!.sla_ms === null),
  ];
  if (!isSame(leavesOut))
    notes.push(
      "exclude, endpoints: latencies of closed seconds are not kept by endpoint; requests and errors are left out here, latencies are not.",
    );
  return notes;
}
