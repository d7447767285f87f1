/** What happened before, beside or at the same hour: releases, other services' incidents, jobs. */
import { at, earlier, elsewhere, everywhere, LINKS, scaled, type Scenario, SHOP, warm } from "../scenario.ts";
import type { RecordedService } from "../recorded-service.ts";

const FAILING = { statuses: { 500: 0.35 } };

/** Version `to` replaces `from`, and `delay_s` later the service fails. */
function release(service: RecordedService, [from, to]: readonly [string, string], delay_s: number): RecordedService {
  service.version = from;
  warm(service);
  service.version = to;
  return service.run(delay_s, SHOP);
}

export const BEFORE: readonly Scenario[] = [
  {
    name: "release-errors",
    fault: "version 2.4.1 breaks all endpoints 40 s after its first requests",
    settings: { links: LINKS },
    play: (service) => release(service, ["2.4.0", "2.4.1"], 40).fail(150, everywhere(SHOP, FAILING)),
    expect: {
      names: ["2.4.1"],
      rests_on: ["errors", "deploy", "onset"],
      first_cause: ["release"],
      certainty: ["LIKELY"],
      not_likely: ["shared_dependency"],
      not_causes: ["endpoint_dependency", "saturation", "other_service"],
    },
  },
  {
    name: "release-one-endpoint",
    fault: "version b7 breaks /orders/:id a minute after its first requests",
    play: (service) =>
      release(service, ["a9", "b7"], 60).fail(150, at(SHOP, "/orders/:id", { statuses: { 500: 0.8 } })),
    expect: {
      names: ["/orders/:id", "b7"],
      rests_on: ["errors", "deploy", "endpoint"],
      first_cause: ["release"],
      certainty: ["LIKELY"],
      also: ["endpoint_dependency"],
      not_likely: ["endpoint_dependency"],
      not_causes: ["saturation", "other_service"],
    },
  },
  {
    name: "release-long-before",
    fault: "version 31 ran well for eight minutes; then the provider behind /cart/pay fails",
    play: (service) => release(service, ["30", "31"], 480).fail(150, at(SHOP, "/cart/pay", FAILING)),
    expect: {
      names: ["/cart/pay"],
      rests_on: ["errors", "endpoint", "deploy"],
      first_cause: ["endpoint_dependency"],
      certainty: ["LIKELY"],
      not_likely: ["release"],
      not_causes: ["saturation", "other_service"],
    },
  },
  {
    name: "release-or-other-service",
    fault: "version 6 came half a minute before, an incident of payments began 50 s before: either may be it",
    play: (service) => release(service, ["5", "6"], 30).fail(150, everywhere(SHOP, FAILING)),
    surroundings: (second) => ({ neighbours: [elsewhere("payments", second, 50)] }),
    expect: {
      names: ["payments"],
      rests_on: ["errors", "deploy", "neighbour"],
      first_cause: ["release", "other_service"],
      certainty: ["INCONCLUSIVE"],
      also: ["release", "other_service"],
      inconclusive: true,
      not_causes: ["endpoint_dependency", "saturation"],
    },
  },
  {
    name: "release-or-load",
    fault: "version 9 came while traffic was tripling: all endpoints are slow, either may be it",
    play: (service) => {
      service.version = "8";
      warm(service).run(120, scaled(SHOP, 3));
      service.version = "9";
      service.run(30, scaled(SHOP, 3)).fail(180, everywhere(scaled(SHOP, 3.2), { latency_ms: 480 }));
    },
    expect: {
      rests_on: ["latency", "rising", "deploy"],
      first_cause: ["release", "saturation"],
      certainty: ["INCONCLUSIVE"],
      also: ["release", "saturation"],
      inconclusive: true,
    },
  },
  {
    name: "cascade",
    fault: "payments fails, and 40 s later /cart/pay, which calls it, fails too",
    play: (service) => warm(service).fail(150, at(SHOP, "/cart/pay", { statuses: { 502: 0.7 } })),
    surroundings: (second) => ({
      neighbours: [elsewhere("payments", second, 40), elsewhere("web", second, -25, { severity: "high" })],
    }),
    expect: {
      names: ["/cart/pay", "payments"],
      rests_on: ["errors", "endpoint", "neighbour"],
      first_cause: ["other_service"],
      certainty: ["LIKELY"],
      not_likely: ["endpoint_dependency"],
      not_causes: ["release", "saturation"],
      not_blamed: ["web"],
    },
  },
  {
    name: "cascade-first",
    fault: "the service fails first; web, which calls it, 20 s later",
    play: (service) => warm(service).fail(150, everywhere(SHOP, FAILING)),
    surroundings: (second) => ({ neighbours: [elsewhere("web", second, -20), elsewhere("mobile-api", second, -45)] }),
    expect: {
      rests_on: ["errors"],
      first_cause: ["shared_dependency"],
      certainty: ["LIKELY", "INCONCLUSIVE"],
      not_causes: ["other_service", "release", "saturation"],
      not_blamed: ["web", "mobile-api"],
    },
  },
  {
    name: "cascade-together",
    fault: "the network between two halls fails: search, payments and this service fail in the same seconds",
    play: (service) => warm(service).fail(150, everywhere(SHOP, FAILING)),
    surroundings: (second) => ({ neighbours: [elsewhere("search", second, 1), elsewhere("payments", second, -1)] }),
    expect: {
      rests_on: ["errors"],
      first_cause: ["shared_dependency"],
      certainty: ["LIKELY"],
      not_causes: ["other_service", "release"],
    },
  },
  {
    name: "neighbour-long-before",
    fault:
      "an incident of search began eleven minutes before and has nothing to do with /cart/pay, whose provider fails",
    play: (service) => warm(service).fail(150, at(SHOP, "/cart/pay", FAILING)),
    surroundings: (second) => ({ neighbours: [elsewhere("search", second, 660, { severity: "medium" })] }),
    expect: {
      names: ["/cart/pay"],
      rests_on: ["errors", "endpoint"],
      first_cause: ["endpoint_dependency"],
      certainty: ["LIKELY"],
      not_likely: ["other_service"],
      not_causes: ["release"],
    },
  },
  {
    name: "alike-before",
    fault: "the provider behind /cart/pay fails, as it did three times within a month",
    play: (service) => warm(service).fail(150, at(SHOP, "/cart/pay", FAILING)),
    surroundings: (second) => ({
      neighbours: [],
      alike: [3, 9, 20].map((days) => earlier(second, days, { endpoint: "/cart/pay" })),
    }),
    expect: {
      names: ["/cart/pay"],
      rests_on: ["errors", "endpoint", "alike"],
      first_cause: ["endpoint_dependency"],
      certainty: ["LIKELY"],
      not_causes: ["release", "other_service", "scheduled_work"],
    },
  },
  {
    name: "usual-hour",
    fault:
      "a nightly job made all endpoints fail for ten minutes on each of the last three days, and does so again, worse than then",
    play: (service) => {
      const quiet = scaled(SHOP, 0.1);
      for (let day = 0; day < 3; day += 1) service.run(86_400 - 600, quiet).run(600, everywhere(quiet, FAILING));
      service.run(86_400 - 600, quiet).fail(300, everywhere(quiet, { statuses: { 500: 0.6 } }));
    },
    expect: {
      rests_on: ["errors", "usual"],
      first_cause: ["scheduled_work"],
      certainty: ["LIKELY"],
      not_likely: ["shared_dependency", "endpoint_dependency"],
      not_causes: ["release", "saturation"],
    },
  },
];
