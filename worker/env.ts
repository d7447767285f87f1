/** The bindings and secrets of wrangler.toml and .dev.vars, as the Worker and the objects see them. */
import type { Fleet } from "../durable-objects/fleet-object.ts";
import type { ServiceMonitorObject } from "../durable-objects/service-monitor-object.ts";

export interface Env {
  readonly SERVICE_MONITOR: DurableObjectNamespace<ServiceMonitorObject>;
  readonly FLEET: DurableObjectNamespace<Fleet>;
  readonly DB: D1Database;
  readonly ASSETS: Fetcher;
  readonly INGEST_TOKEN?: string;
  readonly VIEWER_TOKEN?: string;
  readonly ADMIN_TOKEN?: string;
}
