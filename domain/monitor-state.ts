/** All that a service's object knows, apart from the minutes that are closed: the content of its one `hot` row. */
import { BinaryReader, type BinaryWriter, encoded } from "./binary.ts";
import { Detectors } from "./detectors.ts";
import { EndpointTable } from "./endpoint-table.ts";
import type { FeedbackMark } from "./feedback-guard.ts";
import { INITIAL_TRACKER, type TrackerState } from "./incident-tracker.ts";
import type { ServiceStatus } from "./message.ts";
import { decodeMinute, encodeMinute, type Minute } from "./minute.ts";
import type { PartitionState } from "./positions.ts";
import type { ServiceCounters } from "./resource.ts";
import { defaultSettings, type ServiceSettings } from "./settings.ts";
import { INITIAL_SILENCE, type Silence } from "./silence.ts";
import type { VersionTable } from "./version-table.ts";
import { INITIAL_WATERMARK, type WatermarkState } from "./watermark.ts";

/** Grows when the layout changes; an object that finds another one refuses to guess. */
const STATE_FORMAT = 4;

/** Replaced as a whole, but for the two that change in place (table, detectors): they belong to the newest state alone. */
export interface MonitorState {
  readonly service: string;
  /** The settings in force, and the version of the document that they came from; 0: there was none, null: the Fleet was not heard yet. */
  readonly settings: ServiceSettings;
  readonly settings_version: number | null;
  /** An operator's wish: what is new is refused. */
  readonly quarantined: boolean;
  readonly partitions: ReadonlyMap<string, PartitionState>;
  readonly watermark: WatermarkState;
  /** First second that is still open; null while none was closed. */
  readonly open_second: number | null;
  /** The minutes that live in this row: the open ones nearest to the watermark. */
  readonly minutes: ReadonlyMap<number, Minute>;
  /** Minutes up to here are held only if they are stored: others were purged. Null while none was. */
  readonly purged_until: number | null;
  /** Hours (since the epoch) with a minute that changed since the hour was handed to history. */
  readonly dirty_hours: readonly number[];
  readonly table: EndpointTable;
  readonly detectors: Detectors;
  readonly tracker: TrackerState;
  readonly versions: VersionTable;
  readonly silence: Silence;
  /** Incidents that people called false positives; the detectors' guard counts them. */
  readonly false_positives: readonly FeedbackMark[];
  readonly counters: ServiceCounters;
  /** Newest durable event of the live socket. */
  readonly seq: number;
  /** Grows with each row handed to the outbox, so that a newer one is told from the one under way. */
  readonly outbox_position: number;
  readonly record_revision: number;
  /** Grows with each window handed on, minutes and hours alike. */
  readonly window_revision: number;
  /** Event time, ms; null before the first event. */
  readonly first_event_ms: number | null;
  readonly last_event_ms: number | null;
  /** The clock at the last purge, ms. */
  readonly pruned_ms: number;
}

export function initialState(service: string, now_ms: number, settings = defaultSettings(service)): MonitorState {
  return {
    service,
    settings,
    settings_version: null,
    quarantined: false,
    partitions: new Map(),
    watermark: INITIAL_WATERMARK,
    open_second: null,
    minutes: new Map(),
    purged_until: null,
    dirty_hours: [],
    table: new EndpointTable(),
    detectors: new Detectors(),
    tracker: INITIAL_TRACKER,
    versions: [],
    silence: INITIAL_SILENCE,
    false_positives: [],
    counters: { accepted: 0, duplicates: 0, duplicates_suspect: 0, before_start: 0, late: 0, dropped: 0 },
    seq: 0,
    outbox_position: 0,
    record_revision: 0,
    window_revision: 0,
    first_event_ms: null,
    last_event_ms: null,
    pruned_ms: now_ms,
  };
}

export function statusOf(tracker: TrackerState): ServiceStatus {
  return tracker.incident?.status === "open" ? tracker.incident.severity : "healthy";
}

/** Layout: format, JSON of the small parts, detectors, minutes. JSON where it is small, binary where it would be slow. */
export function encodeState(state: MonitorState): Uint8Array {
  return encoded((writer) => writeState(writer, state));
}

function writeState(writer: BinaryWriter, state: MonitorState): void {
  const { minutes, detectors, table, partitions, watermark, ...rest } = state;
  writer.uint(STATE_FORMAT);
  const small = {
    ...rest,
    table: table.toJson(),
    partitions: [...partitions],
    watermark: { ...watermark, partitions: [...watermark.partitions] },
  };
  writer.text(JSON.stringify(small));
  detectors.encode(writer);
  writer.uint(minutes.size);
  for (const minute of minutes.values()) writer.bytes(encodeMinute(minute));
}

type SmallState = Omit<MonitorState, "minutes" | "detectors" | "table" | "partitions" | "watermark"> & {
  readonly table: ReturnType<EndpointTable["toJson"]>;
  readonly partitions: [string, PartitionState][];
  readonly watermark: Omit<WatermarkState, "partitions"> & {
    readonly partitions: [string, { newest_ms: number; received_ms: number }][];
  };
};

/** Throws where the bytes are of another format: stored state is never guessed at. */
export function decodeState(bytes: Uint8Array): MonitorState {
  const reader = new BinaryReader(bytes);
  const format = reader.uint();
  if (format !== STATE_FORMAT) throw new Error(`stored state has format ${format}, this version reads ${STATE_FORMAT}`);
  const { table, partitions, watermark, ...rest } = JSON.parse(reader.text()) as SmallState;
  const detectors = Detectors.decode(reader);
  const minutes = new Map<number, Minute>();
  for (let count = reader.uint(); count > 0; count -= 1) {
    const minute = decodeMinute(reader.bytes());
    minutes.set(minute.minute, minute);
  }
  return {
    ...rest,
    table: EndpointTable.fromJson(table),
    partitions: new Map(partitions),
    watermark: { ...watermark, partitions: new Map(watermark.partitions) },
    detectors,
    minutes,
  };
}
