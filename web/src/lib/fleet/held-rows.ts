/** The services as they are this moment: what the socket tells later changes the rows of the fleet, and not these. */
import { FleetRow } from "../fleet.svelte.ts";

export function heldRows(rows: ReadonlyMap<string, FleetRow>): ReadonlyMap<string, FleetRow> {
  return new Map(Array.from(rows, ([name, { now, minutes }]) => [name, new FleetRow(now, minutes)]));
}
