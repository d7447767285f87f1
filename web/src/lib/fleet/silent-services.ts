/** The services whose figures are no longer of now. */
import { staleSince } from "../freshness.ts";

interface Told {
  readonly service: string;
  /** `at`: event time of its newest data, epoch ms. */
  readonly now: { readonly at: number };
}

/**
 * @param now_ms the page's clock
 * @param before what was found the last time: returned itself where it still holds, so that nothing that follows it is done again
 */
export function silentServices(
  services: Iterable<Told>,
  now_ms: number,
  before: ReadonlySet<string>,
): ReadonlySet<string> {
  const silent = new Set<string>();
  for (const { service, now } of services) if (staleSince(now.at, now_ms) !== null) silent.add(service);
  const same = silent.size === before.size && silent.isSubsetOf(before);
  return same ? before : silent;
}
