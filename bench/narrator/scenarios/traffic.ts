/** Requests that do not come: fewer, or none. */
import { elsewhere, everywhere, LINKS, scaled, type Scenario, SHOP, warm } from "../scenario.ts";

export const TRAFFIC: readonly Scenario[] = [
  {
    name: "traffic-drop",
    fault:
      "a broken page no longer calls the service: seven requests in ten are missing, the others are served as ever",
    play: (service) => warm(service).fail(180, scaled(SHOP, 0.3)),
    expect: {
      rests_on: ["traffic", "onset", "steady"],
      first_cause: ["callers"],
      certainty: ["LIKELY"],
      not_causes: ["release", "saturation", "endpoint_dependency", "client_requests"],
      not_likely: ["process_or_routing"],
    },
  },
  {
    name: "traffic-drop-with-errors",
    fault: "half of all requests fail, and a minute later most callers have given up",
    play: (service) => {
      const failing = everywhere(SHOP, { statuses: { 500: 0.5 } });
      warm(service).fail(60, failing).fail(180, scaled(failing, 0.25));
    },
    expect: {
      rests_on: ["errors", "traffic"],
      first_cause: ["shared_dependency"],
      certainty: ["LIKELY", "INCONCLUSIVE"],
      not_likely: ["callers"],
      not_causes: ["release", "saturation"],
    },
  },
  {
    name: "down",
    fault: "the process is gone; other services are heard over the same pipeline",
    settings: { links: LINKS },
    play: (service) => warm(service).fallSilent(120),
    expect: {
      rests_on: ["down", "onset", "pipeline"],
      first_cause: ["process_or_routing"],
      certainty: ["CONFIRMED"],
      not_causes: ["release", "saturation", "endpoint_dependency", "shared_dependency"],
    },
  },
  {
    name: "down-after-release",
    fault: "version 5 does not start: nothing comes any more half a minute after its first requests",
    play: (service) => {
      service.version = "4";
      warm(service);
      service.version = "5";
      service.run(30, SHOP).fallSilent(120);
    },
    expect: {
      names: ["5"],
      rests_on: ["down", "deploy"],
      first_cause: ["process_or_routing"],
      certainty: ["CONFIRMED"],
      also: ["release"],
      not_causes: ["saturation", "endpoint_dependency"],
    },
  },
  {
    name: "traffic-drop-after-gateway",
    fault: "the gateway before the service fails, and 50 s later most of its requests are missing here",
    play: (service) => warm(service).fail(180, scaled(SHOP, 0.2)),
    surroundings: (second) => ({ neighbours: [elsewhere("gateway", second, 50)] }),
    expect: {
      names: ["gateway"],
      rests_on: ["traffic", "neighbour"],
      first_cause: ["other_service"],
      certainty: ["LIKELY"],
      not_likely: ["callers", "process_or_routing"],
      not_causes: ["release", "saturation"],
    },
  },
];
