/**
 * How the pipeline was in each minute of the last 24 h (domain/pipeline-reading.ts): what the Workers count between two readings is
 * gathered here, and at a minute's end all parts are asked once and one row is written for all figures together.
 *
 * A row has its place by the minute of the day, so that it takes that of the day before and nothing is ever deleted: a row a minute and
 * two of the alarm, some $0.13 a month, and a call to each of the 20 busiest services. Nothing is read while nobody sends and nothing
 * changes: such minutes are missing, which is what the page shows.
 */
import { addCounts, type IngestCounts, NO_COUNTS } from "../domain/ingest-counts.ts";
import type { PipelineItem, ReadingsStatus } from "../domain/pipeline.ts";
import { normalOf, type PipelineNormal } from "../domain/pipeline-normal.ts";
import { MINUTE_MS, minuteOf, type PipelineReading, READINGS_KEPT } from "../domain/pipeline-reading.ts";
import { readingOf } from "../domain/take-reading.ts";
import { numberOf, textOf } from "./sql-row.ts";
import type { SqlRow, Storage } from "./storage.ts";

/** An object that nobody calls for ten seconds may be put to sleep, and forgets what it has not stored. */
const STORED_EVERY_MS = 20_000;
/** An alarm that comes later than this after a minute's end tells nothing of that minute any more. */
const TELLING_MS = MINUTE_MS;

// readings: place: the minute of the day (UTC), 0 to 1,439; minute_ms: its begin; counts: JSON of IngestCounts; reading: JSON of
// PipelineReading, null while the minute is not over.
const SCHEMA = `CREATE TABLE IF NOT EXISTS readings (place INTEGER PRIMARY KEY, minute_ms INTEGER NOT NULL, counts TEXT NOT NULL,
  reading TEXT)`;

const SAVE = `INSERT INTO readings (place, minute_ms, counts, reading) VALUES (?, ?, ?, ?) ON CONFLICT (place) DO UPDATE SET
  minute_ms = excluded.minute_ms, counts = excluded.counts, reading = excluded.reading`;

const SELECT_UNFINISHED =
  "SELECT minute_ms, counts FROM readings WHERE reading IS NULL ORDER BY minute_ms DESC LIMIT 1";
const SELECT_NEWEST = "SELECT reading FROM readings WHERE reading IS NOT NULL ORDER BY minute_ms DESC LIMIT 1";
const SELECT_READINGS = "SELECT reading FROM readings WHERE reading IS NOT NULL AND minute_ms > ? ORDER BY minute_ms";

export interface ReadingsPorts {
  readonly storage: Storage;
  readonly now: () => number;
  /** Asks every part but the subscriptions' objects, each once; a part that does not answer is null in it. */
  readonly read: () => Promise<PipelineItem>;
  /** Lets the object's one alarm be set to what is due. */
  readonly arm: () => void;
}

/** A minute that is not over. */
interface Running {
  readonly minute_ms: number;
  readonly counts: IngestCounts;
}

export class FleetReadings {
  readonly #ports: ReadingsPorts;
  /** Null while nobody has sent since the newest reading. */
  #running: Running | null;
  #newest: PipelineReading | null;
  /** All that are kept, ascending, and what they say is normal; null until somebody asks. */
  #kept: { readonly readings: readonly PipelineReading[]; readonly normal: PipelineNormal } | null = null;
  /** When what was refused was stored last. */
  #stored_ms = -Infinity;
  /** Begin of the minute that storage has without a reading; null for none. */
  #unfinished_ms: number | null = null;
  /** The minute whose parts are being asked. */
  #closing: Running | null = null;
  /** While a reading is under way no other begins, unless it hangs. */
  #busy_until_ms = -Infinity;

  constructor(ports: ReadingsPorts) {
    this.#ports = ports;
    ports.storage.exec(SCHEMA);
    const newest = ports.storage.exec(SELECT_NEWEST)[0];
    this.#newest = newest === undefined ? null : parsed(newest);
    this.#running = this.#goingOn();
  }

  /** Takes what an isolate of the Worker counted since it told last. */
  count(counts: IngestCounts): void {
    this.touch();
    const now_ms = this.#ports.now();
    const { minute_ms, counts: before } = this.#running!;
    const running = { minute_ms, counts: addCounts(before, counts) };
    // What went well may be lost with the object's memory; what did not is what people look for.
    const isBad = counts.dropped > 0 || Object.keys(counts.rejected).length > 0;
    if (isBad && now_ms - this.#stored_ms >= STORED_EVERY_MS) {
      this.#save(running, null);
      this.#stored_ms = now_ms;
    }
    this.#running = running;
  }

  /** Somebody sends, or something waits: this minute is to be read at its end. */
  touch(): void {
    const now_ms = this.#ports.now();
    if (this.#running !== null && now_ms - endOf(this.#running) >= TELLING_MS) this.#close(this.#running, NOBODY);
    if (this.#running !== null) return;
    const running = { minute_ms: minuteOf(now_ms), counts: NO_COUNTS };
    // Whoever wakes without memory goes on after the minute before; where there is none it is told so.
    const before_ms = this.#closing === null ? this.#newestEnd() : endOf(this.#closing);
    if (before_ms !== running.minute_ms) this.#save(running, null);
    this.#running = running;
    this.#ports.arm();
  }

  /** When the next reading is due (ms); null for never. */
  due(): number | null {
    return this.#running === null ? null : Math.max(endOf(this.#running), this.#busy_until_ms);
  }

  /** Reads the minute that is over. Never rejects. */
  async push(): Promise<void> {
    const now_ms = this.#ports.now();
    const ended = this.#running;
    if (ended === null || (this.due() ?? Infinity) > now_ms) return;
    this.#busy_until_ms = now_ms + MINUTE_MS;
    // What comes from here on is of the next minute.
    this.#running = null;
    this.#closing = ended;
    try {
      this.#close(ended, now_ms - endOf(ended) < TELLING_MS ? await this.#ports.read() : NOBODY);
    } catch (error) {
      console.error("the pipeline's reading of a minute is lost", error);
    } finally {
      this.#closing = null;
      this.#busy_until_ms = -Infinity;
    }
  }

  /** The readings of the minutes that began at `from_ms` or later, ascending. */
  from(from_ms: number): readonly PipelineReading[] {
    return this.#load().readings.filter(({ minute }) => Date.parse(minute) >= from_ms);
  }

  status(): ReadingsStatus {
    // A minute that is being read is in no reading yet: what was counted in it must not be away meanwhile.
    const unread = [this.#closing, this.#running].filter((minute) => minute !== null);
    const since_ms = unread[0]?.minute_ms;
    return {
      newest: this.#newest?.minute ?? null,
      running: unread.reduce((sum, { counts }) => addCounts(sum, counts), NO_COUNTS),
      running_since: since_ms === undefined ? null : new Date(since_ms).toISOString(),
      normal: this.#load().normal,
    };
  }

  /** A minute that was counted in before memory was lost, or the one after a reading that is fresh. */
  #goingOn(): Running | null {
    const row = this.#ports.storage.exec(SELECT_UNFINISHED)[0];
    if (row !== undefined) {
      const counts = JSON.parse(textOf(row, "counts")) as IngestCounts;
      this.#unfinished_ms = numberOf(row, "minute_ms");
      return { minute_ms: this.#unfinished_ms, counts };
    }
    const minute_ms = this.#newestEnd();
    const isFresh = this.#ports.now() - minute_ms < MINUTE_MS + TELLING_MS;
    return isFresh ? { minute_ms, counts: NO_COUNTS } : null;
  }

  /** When the minute of the newest reading ended (ms). */
  #newestEnd(): number {
    return this.#newest === null ? -Infinity : Date.parse(this.#newest.minute) + MINUTE_MS;
  }

  /** A minute in which nobody sent is not worth a row where it is like the one before, or unknown; then nothing is read after it. */
  #close(ended: Running, item: PipelineItem): void {
    const reading = readingOf(ended.minute_ms, ended.counts, item);
    const isSame = this.#newest !== null && isAlike(this.#newest, reading);
    if (this.#running === ended) this.#running = null;
    const isQuiet = Object.keys(ended.counts.answers).length === 0;
    if (isQuiet && (isSame || item === NOBODY) && this.#unfinished_ms !== ended.minute_ms) return;
    this.#save(ended, reading);
    this.#newest = reading;
    this.#kept = null;
    if (!isSame) this.touch();
  }

  #save({ minute_ms, counts }: Running, reading: PipelineReading | null): void {
    const place = (minute_ms / MINUTE_MS) % READINGS_KEPT;
    const text = reading === null ? null : JSON.stringify(reading);
    this.#ports.storage.exec(SAVE, place, minute_ms, JSON.stringify(counts), text);
    this.#unfinished_ms = reading === null ? minute_ms : null;
  }

  #load(): { readonly readings: readonly PipelineReading[]; readonly normal: PipelineNormal } {
    if (this.#kept === null) {
      // What is older stands in a place that no minute has taken since.
      const from_ms = Math.max(0, this.#newestEnd() - (READINGS_KEPT + 1) * MINUTE_MS);
      const readings = this.#ports.storage.exec(SELECT_READINGS, from_ms).map(parsed);
      this.#kept = { readings, normal: normalOf(readings) };
    }
    return this.#kept;
  }
}

/** What a minute is read beside: it is not judged by what is kept, which would be read anew for it. */
export const NOTHING_KEPT: ReadingsStatus = {
  newest: null,
  running: NO_COUNTS,
  running_since: null,
  normal: normalOf([]),
};

/** What is told where no part can be asked any more of how it was. */
const NOBODY: PipelineItem = {
  at: new Date(0).toISOString(),
  fleet: null,
  asked: [],
  unanswered: [],
  narrator: null,
  subscriptions: null,
  history: null,
};

function endOf({ minute_ms }: Running): number {
  return minute_ms + MINUTE_MS;
}

function parsed(row: SqlRow): PipelineReading {
  return JSON.parse(textOf(row, "reading")) as PipelineReading;
}

function isAlike(a: PipelineReading, b: PipelineReading): boolean {
  return JSON.stringify({ ...a, minute: "" }) === JSON.stringify({ ...b, minute: "" });
}
