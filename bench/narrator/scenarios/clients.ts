/** Answers that clients brought on themselves, where those count as errors. */
import type { ServiceSettings } from "../../../domain/settings.ts";
import { at, everywhere, type Scenario, SHOP, warm } from "../scenario.ts";

const BOTH: Partial<ServiceSettings> = { errors: ["4xx", "5xx"] };

export const CLIENTS: readonly Scenario[] = [
  {
    name: "clients-one-endpoint",
    fault: "a client asks for orders that do not exist: half of /orders/:id is answered 404, and 4xx count as errors",
    settings: BOTH,
    play: (service) => warm(service).fail(150, at(SHOP, "/orders/:id", { statuses: { 404: 0.5 } })),
    expect: {
      names: ["/orders/:id"],
      rests_on: ["errors", "endpoint", "statuses"],
      first_cause: ["client_requests"],
      certainty: ["LIKELY"],
      not_causes: ["release", "saturation"],
      not_likely: ["endpoint_dependency", "shared_dependency"],
    },
  },
  {
    name: "clients-everywhere",
    fault: "tokens are refused on all endpoints (401): a client's fault or one of the login service, nothing tells",
    settings: BOTH,
    play: (service) => warm(service).fail(150, everywhere(SHOP, { statuses: { 401: 0.4 } })),
    expect: {
      rests_on: ["errors", "statuses"],
      first_cause: ["client_requests", "shared_dependency"],
      certainty: ["INCONCLUSIVE"],
      also: ["client_requests"],
      inconclusive: true,
      not_causes: ["release", "endpoint_dependency", "saturation"],
    },
  },
  {
    name: "clients-after-release",
    fault: "version 8.0 renamed a field of /cart: what clients send is refused (422) from its first minute on",
    settings: BOTH,
    play: (service) => {
      service.version = "7.9";
      warm(service);
      service.version = "8.0";
      service.run(20, SHOP).fail(150, at(SHOP, "/cart", { statuses: { 422: 0.6 } }));
    },
    expect: {
      names: ["/cart", "8.0"],
      rests_on: ["errors", "endpoint", "deploy"],
      first_cause: ["release"],
      certainty: ["LIKELY"],
      not_likely: ["client_requests", "endpoint_dependency"],
      not_causes: ["saturation"],
    },
  },
  {
    name: "clients-beside-servers",
    fault: "500 on /cart/pay carry the fault; a few more 404 than usual on /orders/:id are noise",
    settings: BOTH,
    play: (service) =>
      warm(service).fail(
        150,
        at(at(SHOP, "/cart/pay", { statuses: { 500: 0.5 } }), "/orders/:id", { statuses: { 404: 0.06 } }),
      ),
    expect: {
      names: ["/cart/pay"],
      rests_on: ["errors", "endpoint"],
      first_cause: ["endpoint_dependency"],
      certainty: ["LIKELY"],
      not_causes: ["client_requests", "release", "saturation"],
    },
  },
];
