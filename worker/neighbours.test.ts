/** Which instance of the Narrator a service's incidents go to. */
import { expect, test } from "vitest";
import type { Env } from "./env.ts";
import { narratorOf, narratorsOf } from "./neighbours.ts";

/** Bindings under which each instance is its name. */
function envOf(NARRATOR_INSTANCES: string): Env {
  return { NARRATOR_INSTANCES, NARRATOR: { getByName: (name: string) => name } } as unknown as Env;
}

test("services are spread over all instances, and one keeps its own", () => {
  const env = envOf("4");
  const services = Array.from({ length: 400 }, (_, i) => `service-${i}`);
  const counts = Map.groupBy(services, (service) => narratorOf(env, service));
  expect(new Set(counts.keys())).toEqual(new Set(narratorsOf(env)));
  for (const own of counts.values()) expect(own.length).toBeGreaterThan(60);
  expect(services.map((service) => narratorOf(env, service))).toEqual(
    services.map((service) => narratorOf(env, service)),
  );
});

test("with one instance, it is the one that keeps the tokens of the day", () => {
  const env = envOf("");
  expect(narratorsOf(env)).toEqual(["narrator-0"]);
  expect(narratorOf(env, "checkout")).toBe("narrator-0");
});
