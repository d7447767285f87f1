/** Requests that are slow: on one endpoint or all, in their tail alone, and under load. */
import { at, everywhere, LINKS, scaled, type Scenario, SHOP, warm } from "../scenario.ts";

export const LATENCY: readonly Scenario[] = [
  {
    name: "latency-one-endpoint",
    fault: "a query behind /orders/:id lost its index: its requests take nine times as long",
    settings: { links: LINKS },
    play: (service) => warm(service).fail(180, at(SHOP, "/orders/:id", { latency_ms: 720 })),
    expect: {
      names: ["/orders/:id"],
      rests_on: ["latency", "onset", "endpoint", "steady"],
      first_cause: ["endpoint_dependency"],
      certainty: ["LIKELY"],
      not_causes: ["release", "saturation", "client_requests"],
    },
  },
  {
    name: "latency-everywhere",
    fault: "the shared cache is gone: all endpoints take five times as long, traffic is as usual",
    play: (service) => warm(service).fail(150, everywhere(SHOP, { latency_ms: 400 })),
    expect: {
      rests_on: ["latency", "spread", "steady"],
      first_cause: ["shared_dependency"],
      certainty: ["LIKELY"],
      not_causes: ["saturation", "endpoint_dependency", "release", "callers"],
    },
  },
  {
    name: "latency-new-service",
    fault:
      "a service that is a minute old answers in 1.6 s where 0.3 s are promised: nobody knows whether it was ever faster",
    play: (service) => service.fail(120, everywhere(scaled(SHOP, 0.1), { latency_ms: 1600 })),
    expect: {
      rests_on: ["latency"],
      first_cause: ["shared_dependency", "unknown"],
      certainty: ["INCONCLUSIVE"],
      inconclusive: true,
      not_causes: ["saturation", "release"],
    },
  },
  {
    name: "saturation-latency",
    fault: "a campaign triples the traffic and all endpoints take six times as long",
    play: (service) => {
      warm(service).run(90, scaled(SHOP, 3));
      service.fail(180, everywhere(scaled(SHOP, 3.2), { latency_ms: 480 }));
    },
    expect: {
      rests_on: ["latency", "rising"],
      first_cause: ["saturation"],
      certainty: ["LIKELY"],
      not_causes: ["release", "endpoint_dependency", "callers"],
      not_likely: ["shared_dependency"],
    },
  },
  {
    name: "load-beside-one-endpoint",
    fault: "traffic has tripled without harm for minutes; then the provider behind /cart/pay fails",
    play: (service) => {
      warm(service).run(180, scaled(SHOP, 3));
      service.fail(150, at(scaled(SHOP, 3), "/cart/pay", { statuses: { 502: 0.6 } }));
    },
    expect: {
      names: ["/cart/pay"],
      rests_on: ["errors", "endpoint"],
      first_cause: ["endpoint_dependency"],
      certainty: ["LIKELY", "INCONCLUSIVE"],
      not_likely: ["saturation"],
      not_causes: ["release"],
    },
  },
];
