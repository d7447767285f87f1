import { expect, test } from "vitest";
import { incidentPath, serviceOfIncident } from "./incident-id.ts";

test("an incident's id names its service, which may have hyphens and numbers", () => {
  expect(serviceOfIncident("checkout-1795514652-error_rate")).toBe("checkout");
  expect(serviceOfIncident("eu-1-checkout-2-1795514652-request_rate")).toBe("eu-1-checkout-2");
});

test("what is no id names none", () => {
  for (const id of [
    "",
    "checkout",
    "checkout-17955-mood",
    "-1795514652-error_rate",
    "Check out-1795514652-error_rate",
  ]) {
    expect(serviceOfIncident(id)).toBeNull();
  }
});

test("the address of its page keeps the whole id", () => {
  expect(decodeURIComponent(incidentPath("a%b").split("/").at(-1)!)).toBe("a%b");
});
