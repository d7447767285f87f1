/** The list of services in its groups: what needs a look first, then what tells nothing, then what is as usual. */
import { compareWorstFirst } from "./severity.ts";
import type { ServiceStatus } from "../../../domain/message.ts";

export interface ListedService {
  readonly service: string;
  readonly status: ServiceStatus;
  /** Nothing has come from it for so long that its figures are no longer of now. */
  readonly silent: boolean;
}

export interface ServiceGroup {
  readonly title: "With an incident" | "No data" | "As usual" | "All services";
  readonly names: readonly string[];
}

/** All three groups, empty ones too, each worst first and by name. */
export function groupServices(services: Iterable<ListedService>): ServiceGroup[] {
  const sorted = [...services].toSorted(compareWorstFirst);
  const named = (title: ServiceGroup["title"], belongs: (service: ListedService) => boolean): ServiceGroup => ({
    title,
    names: sorted.filter(belongs).map((service) => service.service),
  });
  return [
    named("With an incident", ({ status }) => status !== "healthy"),
    named("No data", ({ status, silent }) => status === "healthy" && silent),
    named("As usual", ({ status, silent }) => status === "healthy" && !silent),
  ];
}

/** Groups that stood still while the pointer was on them: a line stays where it was, and a new one comes last. */
export function holdGroups(held: readonly ServiceGroup[], now: readonly ServiceGroup[]): ServiceGroup[] {
  const present = new Set(now.flatMap((group) => group.names));
  const known = new Set(held.flatMap((group) => group.names));
  const joined = [...present].filter((name) => !known.has(name));
  return held.map(({ title, names }, index) => {
    const stayed = names.filter((name) => present.has(name));
    return { title, names: index === held.length - 1 ? [...stayed, ...joined] : stayed };
  });
}
