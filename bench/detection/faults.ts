/** What a detector should find, and how each fault looks. */
import type { Random } from "../../generator/random.ts";
import { BinSampler } from "./bin-sampler.ts";
import type { Effect } from "./effect.ts";
import { logNormal } from "./latency-shape.ts";
import { type ServiceProfile, withEndpoint } from "./profile.ts";

/** A fault as drawn for one run, without its times. */
export interface Fault {
  /** With the endpoint that it needs, if it needs one of its own. */
  readonly profile: ServiceProfile;
  /** `delay_s` after the onset. */
  readonly effects: readonly (Omit<Effect, "from_s" | "to_s" | "isFault"> & { readonly delay_s?: number })[];
  /** The endpoint that an alarm should name; null where it is the whole service. */
  readonly endpoint: string | null;
}

export interface FaultKind {
  readonly name: string;
  readonly duration_s: number;
  /** It is there at once and plain to see, so that its first second can be estimated. */
  readonly isStrong: boolean;
  /** It comes at the hour at which a job has failed on the days before. Costs days of life, so it has one cell alone. */
  readonly atUsualHour?: true;
  readonly draw: (random: Random, profile: ServiceProfile) => Fault;
}

const TEN_MIN_S = 600;
const HOUR_S = 3600;

/** The whole service is under one effect. */
function whole(profile: ServiceProfile, effect: Fault["effects"][number]): Fault {
  return { profile, effects: [effect], endpoint: null };
}

/** An endpoint with at least this share can be missed by its users. */
const SHARE_MIN = 0.06;

function pickEndpoint(random: Random, profile: ServiceProfile): number {
  const heavy = [...profile.endpoints.keys()].filter((i) => profile.endpoints[i]!.share >= SHARE_MIN);
  return heavy[random.index(heavy.length)]!;
}

function endpointOut(random: Random, profile: ServiceProfile): Fault {
  const endpoint = pickEndpoint(random, profile);
  const effect = { endpoint, error_share: random.between(0.9, 1) };
  return { profile, effects: [effect], endpoint: profile.endpoints[endpoint]!.name };
}

/** A rarely used endpoint of 0.5 requests/s fails nine times out of ten. */
function rareEndpoint(random: Random, profile: ServiceProfile): Fault {
  const name = "/rare";
  const error_rate = profile.endpoints[0]!.error_rate;
  const latency = new BinSampler(logNormal(random.between(30, 300), 0.4));
  const wider = withEndpoint(profile, 0.5, { name, error_rate, latency });
  return { profile: wider, effects: [{ endpoint: wider.endpoints.length - 1, error_share: 0.9 }], endpoint: name };
}

/** One endpoint fails, and a minute later all of the service becomes slow. */
function twoFaults(random: Random, profile: ServiceProfile): Fault {
  const endpoint = pickEndpoint(random, profile);
  const errors = { endpoint, error_share: random.between(0.5, 1) };
  const latency = { latency_factor: random.between(3, 6), delay_s: 60 };
  return { profile, effects: [errors, latency], endpoint: null };
}

export const FAULTS: readonly FaultKind[] = [
  {
    name: "errors-20-40",
    duration_s: TEN_MIN_S,
    isStrong: true,
    draw: (random, profile) => whole(profile, { error_share: random.between(0.2, 0.4) }),
  },
  { name: "endpoint-out", duration_s: TEN_MIN_S, isStrong: true, draw: endpointOut },
  {
    name: "errors-plus-2",
    duration_s: TEN_MIN_S,
    isStrong: false,
    draw: (_, profile) => whole(profile, { error_share: 0.02 }),
  },
  {
    name: "errors-leak",
    duration_s: HOUR_S,
    isStrong: false,
    draw: (_, profile) => whole(profile, { error_share: 0.1, ramp_s: HOUR_S }),
  },
  {
    name: "latency-x5-10",
    duration_s: TEN_MIN_S,
    isStrong: true,
    draw: (random, profile) => whole(profile, { latency_factor: random.between(5, 10) }),
  },
  {
    name: "latency-x2",
    duration_s: TEN_MIN_S,
    isStrong: false,
    draw: (_, profile) => whole(profile, { latency_factor: 2 }),
  },
  {
    name: "latency-tail",
    duration_s: TEN_MIN_S,
    isStrong: false,
    draw: (_, profile) => whole(profile, { latency_factor: 10, slow_share: 0.1 }),
  },
  {
    name: "latency-leak",
    duration_s: HOUR_S,
    isStrong: false,
    draw: (_, profile) => whole(profile, { latency_factor: 3, ramp_s: HOUR_S }),
  },
  {
    name: "flapping",
    duration_s: 15 * 60,
    isStrong: true,
    draw: (random, profile) =>
      whole(profile, { error_share: random.between(0.2, 0.4), flapping: { on_s: 20, off_s: 40 } }),
  },
  { name: "down", duration_s: TEN_MIN_S, isStrong: true, draw: (_, profile) => whole(profile, { rate_factor: 0 }) },
  {
    name: "traffic-drop",
    duration_s: TEN_MIN_S,
    isStrong: false,
    draw: (_, profile) => whole(profile, { rate_factor: 0.3 }),
  },
  {
    name: "usual-hour",
    duration_s: TEN_MIN_S,
    isStrong: true,
    atUsualHour: true,
    draw: (random, profile) => whole(profile, { error_share: random.between(0.2, 0.4) }),
  },
  { name: "two-faults", duration_s: TEN_MIN_S, isStrong: false, draw: twoFaults },
  { name: "rare-endpoint", duration_s: HOUR_S, isStrong: false, draw: rareEndpoint },
  // Whatever is "found" here was found by chance: the other recalls are worth what they have beyond it.
  {
    name: "nothing",
    duration_s: TEN_MIN_S,
    isStrong: false,
    draw: (_, profile) => ({ profile, effects: [], endpoint: null }),
  },
];
