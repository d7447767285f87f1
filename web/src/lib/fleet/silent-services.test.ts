import { expect, test } from "vitest";
import { silentServices } from "./silent-services.ts";

const MINUTE_MS = 60_000;
const told = (service: string, at: number) => ({ service, now: { at } });

test("a service that has told nothing for minutes is silent", () => {
  const services = [told("cart", 0), told("search", 9 * MINUTE_MS)];
  expect([...silentServices(services, 10 * MINUTE_MS, new Set())]).toEqual(["cart"]);
});

test("the same services are the same set, others are another", () => {
  const services = [told("cart", 0), told("search", 9 * MINUTE_MS)];
  const found = silentServices(services, 10 * MINUTE_MS, new Set());
  expect(silentServices(services, 10 * MINUTE_MS + 1000, found)).toBe(found);
  expect([...silentServices(services, 20 * MINUTE_MS, found)]).toEqual(["cart", "search"]);
  const other = [told("cart", 20 * MINUTE_MS), told("search", 0)];
  expect([...silentServices(other, 20 * MINUTE_MS, found)]).toEqual(["search"]);
});
