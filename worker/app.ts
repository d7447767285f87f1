/** The HTTP surface: each subject brings its own routes; access is decided before any of them runs. */
import { Hono } from "hono";
import { actLinkRoutes } from "./act-link-routes.ts";
import { actRoutes } from "./act-routes.ts";
import { asCodeRoutes } from "./as-code-routes.ts";
import { changesRoutes } from "./changes-routes.ts";
import type { AppContext } from "./context.ts";
import { dashboardShell } from "./dashboard-shell.ts";
import { deliveriesRoutes } from "./deliveries-routes.ts";
import { demoRoutes } from "./demo-routes.ts";
import { firstUseRoutes } from "./first-use-routes.ts";
import { fleetRoutes } from "./fleet-routes.ts";
import { apiHeaders } from "./headers.ts";
import { healthRoutes } from "./health-routes.ts";
import { historyRoutes } from "./history-routes.ts";
import { ingestRoutes } from "./ingest-routes.ts";
import { narrativeRoutes } from "./narrative-routes.ts";
import { answerError, answerNotFound } from "./problem.ts";
import { pipelineRoutes } from "./pipeline-routes.ts";
import { previewRoutes } from "./preview-routes.ts";
import { serviceRoutes } from "./service-routes.ts";
import { sessionRoutes } from "./session-routes.ts";
import { settingsRoutes } from "./settings-routes.ts";
import { silenceRoutes } from "./silence-routes.ts";
import { subscriptionMessageRoutes } from "./subscription-message-routes.ts";
import { subscriptionRoutes } from "./subscription-routes.ts";
import { summaryRoutes } from "./summary-routes.ts";

export const app = new Hono<AppContext>()
  .use(dashboardShell)
  .use(apiHeaders)
  .route("/", healthRoutes)
  .route("/v1", sessionRoutes)
  .route("/v1", ingestRoutes)
  .route("/v1", fleetRoutes)
  .route("/v1", serviceRoutes)
  .route("/v1", historyRoutes)
  .route("/v1", narrativeRoutes)
  .route("/v1", changesRoutes)
  .route("/v1", settingsRoutes)
  .route("/v1", previewRoutes)
  .route("/v1", pipelineRoutes)
  .route("/v1", actRoutes)
  .route("/v1", subscriptionMessageRoutes)
  .route("/v1", subscriptionRoutes)
  .route("/v1", asCodeRoutes)
  .route("/v1", silenceRoutes)
  .route("/v1", deliveriesRoutes)
  .route("/act", actLinkRoutes)
  .route("/v1", summaryRoutes)
  .route("/v1", firstUseRoutes)
  .route("/v1", demoRoutes)
  .notFound(answerNotFound)
  .onError(answerError);
