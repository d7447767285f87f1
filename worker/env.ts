/** The bindings and secrets of wrangler.toml and .dev.vars, as the Worker and the objects see them. */
import type { NarratorVariables } from "../domain/narrator-settings.ts";
import type { FleetEnv, FleetObject } from "../durable-objects/fleet-object.ts";
import type { NarratorObject } from "../durable-objects/narrator-object.ts";
import type { OllamaEnv } from "../durable-objects/ollama-config.ts";
import type { ServiceMonitorObject } from "../durable-objects/service-monitor-object.ts";
import type { SubscriptionEnv, SubscriptionObject } from "../durable-objects/subscription-object.ts";

export interface Env extends NarratorVariables, OllamaEnv, SubscriptionEnv, Pick<FleetEnv, "HEARTBEAT_URL"> {
  readonly SERVICE_MONITOR: DurableObjectNamespace<ServiceMonitorObject>;
  readonly FLEET: DurableObjectNamespace<FleetObject>;
  readonly NARRATOR: DurableObjectNamespace<NarratorObject>;
  readonly SUBSCRIPTION: DurableObjectNamespace<SubscriptionObject>;
  readonly DB: D1Database;
  readonly ASSETS: Fetcher;
  readonly INGEST_TOKEN?: string;
  readonly VIEWER_TOKEN?: string;
  readonly ADMIN_TOKEN?: string;
  /** "1" where `npm start` runs: faults may be played on purpose (demo-mode.ts). */
  readonly DEMO?: string;
}
