/**
 * The zone that all times are shown in. A map of one entry: outside of components only that is reactive, so that every time on
 * the page is written anew when the zone changes, without the formatters' callers knowing of it.
 */
import { SvelteMap } from "svelte/reactivity";

/** UTC is the zone of logs; local is that of the browser. */
export type Zone = "utc" | "local";

const shown = new SvelteMap<"zone", Zone>([["zone", "utc"]]);

export function setZone(zone: Zone): void {
  shown.set("zone", zone);
}

/** How far the shown zone is ahead of UTC at a moment (epoch ms), in ms: summer time makes it depend on the moment. */
export function zoneOffset(at_ms: number): number {
  return shown.get("zone") === "local" ? -new Date(at_ms).getTimezoneOffset() * 60_000 : 0;
}

/** "UTC", or how far local time is ahead of it at a moment: "UTC+1", "UTC-3:30". */
export function zoneName(at_ms: number): string {
  const minutes = zoneOffset(at_ms) / 60_000;
  if (minutes === 0) return "UTC";
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `UTC${minutes < 0 ? "-" : "+"}${hours}${rest === 0 ? "" : `:${String(rest).padStart(2, "0")}`}`;
}

/** RFC 3339 text of a moment as the shown zone's clocks read it, without its zone: `2026-11-24T10:04:12`. */
export function wallTime(at_ms: number): string {
  return new Date(at_ms + zoneOffset(at_ms)).toISOString().slice(0, 19);
}

/** The moment (epoch ms) at which the shown zone's clocks read `2026-11-24T10:04` or `2026-11-24T10:04:12`; NaN for other text. */
export function momentOf(wall_time: string): number {
  return Date.parse(shown.get("zone") === "local" ? wall_time : `${wall_time}Z`);
}
