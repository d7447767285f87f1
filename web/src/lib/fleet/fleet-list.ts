/** How the list of services is looked at: what is searched, grouped and sorted, as the address has it. */
import { groupServices, type ListedService, type ServiceGroup } from "../service-groups.ts";

export const SORTS = ["worst", "name", "requests", "errors", "p95"] as const;
export type Sort = (typeof SORTS)[number];

export interface FleetView {
  readonly search: string;
  readonly grouped: boolean;
  readonly sort: Sort;
}

/** A service with the figures that it may be sorted by. */
export interface SortedService extends ListedService {
  readonly request_rate: number;
  readonly error_rate: number;
  readonly p95_latency_ms: number | null;
}

/** A heading or a service of the list; `height` in px. */
export type FleetItem =
  | {
      readonly kind: "head";
      readonly key: string;
      readonly height: number;
      readonly title: string;
      readonly count: number;
    }
  | { readonly kind: "service"; readonly key: string; readonly height: number; readonly service: string };

type Query = Pick<URLSearchParams, "get" | "toString">;

export function readView(query: Query): FleetView {
  const sort = SORTS.find((known) => known === query.get("sort")) ?? "worst";
  return { search: query.get("q") ?? "", grouped: query.get("group") !== "none", sort };
}

/** The address's query with this view in it, all else as it was; empty where nothing is left to say. */
export function viewAddress(query: Query, { search, grouped, sort }: FleetView): string {
  const written = new URLSearchParams(query.toString());
  for (const name of ["q", "group", "sort"]) written.delete(name);
  if (search !== "") written.set("q", search);
  if (!grouped) written.set("group", "none");
  if (sort !== "worst") written.set("sort", sort);
  return written.size === 0 ? "" : `?${written.toString().replaceAll("%3A", ":")}`;
}

/** The services in their groups and their order; those with a figure first where that is what sorts, the most of it first. */
export function orderServices(services: readonly SortedService[], { grouped, sort }: FleetView): ServiceGroup[] {
  const groups = groupServices(services);
  if (sort === "worst" && grouped) return groups;
  const byName = new Map(services.map((service) => [service.service, service]));
  const sorted = (names: readonly string[]) => (sort === "worst" ? names : names.toSorted(compareBy(sort, byName)));
  if (grouped) return groups.map(({ title, names }) => ({ title, names: sorted(names) }));
  return [{ title: "All services", names: sorted(groups.flatMap(({ names }) => names)) }];
}

function compareBy(
  sort: Exclude<Sort, "worst">,
  services: ReadonlyMap<string, SortedService>,
): (a: string, b: string) => number {
  const figure = (name: string): number => {
    const service = services.get(name);
    if (service === undefined || sort === "name") return 0;
    if (sort === "requests") return service.request_rate;
    return sort === "errors" ? service.error_rate : (service.p95_latency_ms ?? -1);
  };
  return (a, b) => figure(b) - figure(a) || (a < b ? -1 : a > b ? 1 : 0);
}

export interface RowHeights {
  readonly head: number;
  readonly row: number;
  /** A row with a second line. */
  readonly tall: number;
}

/** The list as it is drawn: what is searched alone, without empty groups. */
export function listItems(
  groups: readonly ServiceGroup[],
  search: string,
  isTall: (service: string) => boolean,
  heights: RowHeights,
): FleetItem[] {
  const wanted = search.trim().toLowerCase();
  return groups.flatMap(({ title, names }): FleetItem[] => {
    const found = names.filter((name) => name.includes(wanted));
    if (found.length === 0) return [];
    const head = { kind: "head", key: ` ${title}`, height: heights.head, title, count: found.length } as const;
    return [
      head,
      ...found.map((service): FleetItem => {
        const height = isTall(service) ? heights.tall : heights.row;
        return { kind: "service", key: service, height, service };
      }),
    ];
  });
}
