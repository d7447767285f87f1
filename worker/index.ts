/** The Worker: HTTP surface and the classes of its objects. */
import { app } from "./app.ts";
import type { Env } from "./env.ts";

export { Fleet, Narrator, ServiceMonitor, Subscription } from "./objects.ts";

export default { fetch: app.fetch } satisfies ExportedHandler<Env>;
