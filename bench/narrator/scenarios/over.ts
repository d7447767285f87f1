/** Incidents that have ended, and one that was found long after. */
import { at, everywhere, type Scenario, SHOP, warm } from "../scenario.ts";

export const OVER: readonly Scenario[] = [
  {
    name: "over-by-itself",
    fault: "the provider behind /cart/pay failed for five minutes and recovered",
    play: (service) =>
      warm(service)
        .fail(300, at(SHOP, "/cart/pay", { statuses: { 502: 0.5 } }))
        .run(90, SHOP),
    expect: {
      names: ["/cart/pay"],
      rests_on: ["errors", "endpoint", "resolved"],
      first_cause: ["endpoint_dependency"],
      certainty: ["LIKELY"],
      not_causes: ["release", "saturation"],
    },
  },
  {
    name: "over-by-hand",
    fault: "version 21 broke all endpoints; a person closed the incident",
    play: (service) => {
      service.version = "20";
      warm(service);
      service.version = "21";
      service
        .run(45, SHOP)
        .fail(240, everywhere(SHOP, { statuses: { 500: 0.3 } }))
        .close();
    },
    expect: {
      names: ["21"],
      rests_on: ["errors", "deploy", "resolved"],
      first_cause: ["release"],
      certainty: ["LIKELY"],
      not_likely: ["shared_dependency"],
      not_causes: ["saturation", "endpoint_dependency"],
    },
  },
  {
    name: "over-down",
    fault: "the process was gone for four minutes and came back",
    play: (service) => warm(service).fallSilent(240).run(120, SHOP),
    expect: {
      rests_on: ["down", "resolved"],
      first_cause: ["process_or_routing"],
      certainty: ["CONFIRMED"],
      not_causes: ["release", "saturation", "endpoint_dependency"],
    },
  },
];
