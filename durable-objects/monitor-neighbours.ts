/** Whom a service's object talks to. */
import type { FleetPort } from "../domain/fleet.ts";
import type { History } from "../domain/history.ts";
import type { NarratorPort } from "../domain/narrator.ts";
import type { SubscribersPort } from "../domain/subscriber.ts";
import type { LiveSockets } from "./live-sockets.ts";

export interface MonitorNeighbours {
  readonly history: History;
  readonly fleet: Pick<FleetPort, "report" | "incidents" | "settingsOf" | "hears">;
  readonly narrator: NarratorPort;
  readonly subscribers: SubscribersPort;
  /** Whether the Narrator has a model to ask. */
  readonly has_model: boolean;
  readonly sockets: LiveSockets;
}
