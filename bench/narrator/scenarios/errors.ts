/** Requests that fail: on one endpoint or all, plainly or slowly, with an error budget, and with a service that is new. */
import { at, everywhere, LINKS, type Scenario, SHOP, warm } from "../scenario.ts";

const FAILING = { statuses: { 500: 0.4 } };

export const ERRORS: readonly Scenario[] = [
  {
    name: "errors-one-endpoint",
    fault: "the payment provider behind /cart/pay refuses four requests in ten; nothing else changed",
    settings: { links: LINKS },
    play: (service) => warm(service).fail(150, at(SHOP, "/cart/pay", FAILING)),
    expect: {
      names: ["/cart/pay"],
      rests_on: ["errors", "onset", "endpoint", "impact", "steady"],
      first_cause: ["endpoint_dependency"],
      certainty: ["LIKELY"],
      not_causes: ["release", "other_service", "saturation", "callers", "scheduled_work"],
      not_likely: ["shared_dependency"],
    },
  },
  {
    name: "errors-everywhere",
    fault: "the connection to the shared database drops one request in four, on all endpoints",
    play: (service) => warm(service).fail(150, everywhere(SHOP, { statuses: { 503: 0.25 } })),
    expect: {
      rests_on: ["errors", "spread", "steady"],
      first_cause: ["shared_dependency"],
      certainty: ["LIKELY"],
      not_causes: ["endpoint_dependency", "release", "saturation", "client_requests"],
    },
  },
  {
    name: "errors-creeping",
    fault: "a leak: ever more requests fail over half an hour, on all endpoints",
    play: (service) => {
      warm(service);
      for (let step = 1; step <= 30; step += 1)
        service.fail(60, everywhere(SHOP, { statuses: { 500: 0.004 + step * 0.004 } }));
    },
    expect: {
      rests_on: ["errors", "onset"],
      first_cause: ["shared_dependency", "unknown"],
      certainty: ["LIKELY", "INCONCLUSIVE"],
      not_causes: ["release", "saturation", "endpoint_dependency"],
    },
  },
  {
    name: "errors-rare-endpoint",
    fault: "/refunds, which has one request in two seconds, fails nine times in ten",
    play: (service) => {
      const quiet = [...SHOP, { endpoint: "/refunds", rate: 0.5, statuses: { 500: 0.004 } }];
      warm(service, quiet).fail(240, at(quiet, "/refunds", { statuses: { 502: 0.9 } }));
    },
    expect: {
      names: ["/refunds"],
      rests_on: ["errors", "endpoint"],
      first_cause: ["endpoint_dependency"],
      certainty: ["LIKELY"],
      not_causes: ["release", "saturation", "shared_dependency"],
    },
  },
  {
    name: "errors-and-latency",
    fault: "/cart/pay waits for a provider that times out: half of its requests take eight times as long and fail",
    play: (service) =>
      warm(service).fail(180, at(SHOP, "/cart/pay", { statuses: { 504: 0.5 }, slow_share: 0.6, slow_factor: 8 })),
    expect: {
      names: ["/cart/pay"],
      rests_on: ["errors", "latency", "endpoint"],
      first_cause: ["endpoint_dependency"],
      certainty: ["LIKELY"],
      not_causes: ["release", "saturation", "callers"],
    },
  },
  {
    name: "errors-plain-rules",
    fault: "three requests in ten fail on /orders/:id, and only the plain rules are on",
    settings: { detectors: ["reference"] },
    play: (service) => warm(service).fail(120, at(SHOP, "/orders/:id", { statuses: { 500: 0.9 } })),
    expect: {
      names: ["/orders/:id"],
      rests_on: ["errors", "endpoint"],
      first_cause: ["endpoint_dependency"],
      certainty: ["LIKELY"],
      not_causes: ["release", "saturation"],
    },
  },
  {
    name: "budget-burning",
    fault:
      "three requests in a hundred fail where one in a thousand may, on all endpoints: too few for the plain rules, and only these and the budget are on",
    settings: { detectors: ["reference"], slo: { availability: 0.999 } },
    play: (service) =>
      warm(service, everywhere(SHOP, { statuses: { 500: 0.0003 } })).fail(
        2400,
        everywhere(SHOP, { statuses: { 500: 0.03 } }),
      ),
    expect: {
      rests_on: ["budget"],
      first_cause: ["shared_dependency", "unknown"],
      certainty: ["LIKELY", "INCONCLUSIVE"],
      not_causes: ["release", "saturation", "callers"],
    },
  },
  {
    name: "errors-flapping",
    fault:
      "one of three instances is broken and comes and goes with its health check: 20 s of errors, 40 s without, on all endpoints",
    play: (service) => {
      warm(service);
      for (let turn = 0; turn < 8; turn += 1)
        service.fail(20, everywhere(SHOP, { statuses: { 500: 0.33 } })).run(40, SHOP);
      service.fail(20, everywhere(SHOP, { statuses: { 500: 0.33 } }));
    },
    expect: {
      rests_on: ["errors", "flapping"],
      first_cause: ["shared_dependency", "unknown"],
      certainty: ["LIKELY", "INCONCLUSIVE"],
      not_causes: ["release", "saturation", "endpoint_dependency"],
    },
  },
];
