/** All faults that are recorded. */
import type { Scenario } from "./scenario.ts";
import { BEFORE } from "./scenarios/before.ts";
import { CLIENTS } from "./scenarios/clients.ts";
import { ERRORS } from "./scenarios/errors.ts";
import { HOSTILE } from "./scenarios/hostile.ts";
import { LATENCY } from "./scenarios/latency.ts";
import { OVER } from "./scenarios/over.ts";
import { TRAFFIC } from "./scenarios/traffic.ts";

export const SCENARIOS: readonly Scenario[] = [
  ...ERRORS,
  ...CLIENTS,
  ...LATENCY,
  ...TRAFFIC,
  ...BEFORE,
  ...HOSTILE,
  ...OVER,
];
