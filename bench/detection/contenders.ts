/** Who takes part. A new contender is one line here. */
import { BurnRateRules } from "./burn-rate-rules.ts";
import type { Contender, WatchedService } from "./contender.ts";
import { ReferenceBatch } from "./reference-batch.ts";
import { StaticRules } from "./static-rules.ts";
import { referenceLive, sequentialLive } from "./tracked-live.ts";

type Entry = readonly [name: string, create: (service: WatchedService) => Contender];

const ENTRIES: readonly Entry[] = [
  ["faultline", sequentialLive],
  ["reference-live", referenceLive],
  ["reference-batch", (service) => new ReferenceBatch(service)],
  ["static-5m", (service) => new StaticRules(service)],
  ["burn-rate", (service) => new BurnRateRules(service)],
];

export const CONTENDERS: ReadonlyMap<string, (service: WatchedService) => Contender> = new Map(ENTRIES);
