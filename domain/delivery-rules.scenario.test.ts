/** One night of a shop, heard by who is on call and by a channel of the team: each delivery and each silence of theirs is explained. */
import { describe, expect, it } from "vitest";
import { DeliveryWorld, silence, START_MS } from "../tests/delivery-world.ts";

const MINUTE_MS = 60_000;

function at(minute: number): string {
  return new Date(START_MS + minute * MINUTE_MS).toISOString();
}

/** What happens, minute by minute, after an hour in which the pipeline was down. */
const NIGHT: readonly (readonly [minute: number, happens: (world: DeliveryWorld) => void])[] = [
  [0, (w) => w.open("ledger", { severity: "critical", historical: true })],
  [0, (w) => w.open("mail", { severity: "medium", historical: true })],
  [0.5, (w) => w.resolve("mail")],
  // A database of three services fails, and search gets slow beside it.
  [10, (w) => w.open("checkout", { severity: "high" })],
  [10.02, (w) => w.open("payments", { severity: "critical" })],
  [10.04, (w) => w.open("search", { severity: "medium" })],
  [10.05, (w) => w.narrate("checkout")],
  [11, (w) => w.open("cart", { severity: "high" })],
  [12, (w) => w.change("checkout", { severity: "critical" })],
  [13, (w) => w.acknowledge("payments")],
  [14, (w) => w.narrate("payments")],
  [20, (w) => w.resolve("cart")],
  [22, (w) => w.resolve("payments")],
  // Nightly maintenance of the catalogue; the images that it serves suffer, and do so after it ends.
  [60, (w) => (w.silences = [silence({ id: "sil_cat", services: ["cat*"], ends_at: at(90), comment: "reindexing" })])],
  [61, (w) => w.open("catalogue", { severity: "critical" })],
  [62, (w) => w.open("catimages", { severity: "high" })],
  [80, (w) => w.resolve("catalogue")],
  // A cache comes and goes.
  [150, (w) => w.open("cache", { severity: "high" })],
  [152, (w) => w.resolve("cache")],
  [154, (w) => w.reopen("cache")],
  [156, (w) => w.resolve("cache")],
  [158, (w) => w.reopen("cache", { flapping: true })],
  [159, (w) => w.change("cache", { severity: "critical" })],
  [170, (w) => w.resolve("cache")],
  // Search grows worse at last, and the targets are gone for a while.
  [230, (w) => w.change("search", { severity: "high" })],
  [240, (w) => (w.disabled = "the target answered 410")],
  [241, (w) => w.open("stock", { severity: "critical" })],
  [242, (w) => w.open("vault", { severity: "high" })],
  [245, (w) => w.resolve("stock")],
  [250, (w) => (w.disabled = null)],
  [260, (w) => w.resolve("vault")],
  [290, (w) => w.resolve("search")],
  [291, (w) => w.resolve("checkout")],
  [292, (w) => w.resolve("catimages")],
];

function heardBy(wish: ConstructorParameters<typeof DeliveryWorld>[0]): DeliveryWorld {
  const world = new DeliveryWorld(wish);
  for (const [minute, happens] of NIGHT) {
    world.advance(START_MS + minute * MINUTE_MS - world.now_ms);
    happens(world);
  }
  world.advance(24 * 60 * MINUTE_MS);
  return world;
}

/** Of each incident: what became of its changes, and what is said of those that were withheld. */
function ledgers(world: DeliveryWorld): Record<string, string[]> {
  return Object.fromEntries(
    [...world.truth.keys()].map((id) => [
      id,
      world.linesOf(id).map(({ change, status, reason, detail, message_id }) => {
        const message = world.messages.find((each) => each.id === message_id);
        const told =
          message === undefined ? "" : `${((message.at_ms - START_MS) / MINUTE_MS).toFixed(2)} ${message.kind}`;
        return status === "waiting" ? `${change}: ${told}` : `${change}: ${reason}, ${detail} [${told}]`;
      }),
    ]),
  );
}

const PAST = "historical, It was caught up on: its onset lay more than ten minutes back.";
const SILENCED = "silence, sil_cat holds until 2026-11-24T11:30:00Z: reindexing []";
const RATE = "rate, More than 4 messages within an hour: a digest tells it. [192.00 digest]";
const GONE = "disabled, the target answered 410 []";
const UNWISHED = "change, The subscription does not want what is narrated. []";

describe("who is on call: high and worse, at most four messages an hour, reminded each hour", () => {
  const world = heardBy({ min_severity: "high", max_per_hour: 4, repeat_min: 60 });

  it("heard this", () => {
    expect(world.told()).toEqual([
      "60 s caught_up: ledger opened",
      "605 s opened: payments, checkout",
      "665 s opened: cart",
      "720 s escalated: checkout",
      "1200 s resolved: cart",
      "1320 s resolved: payments",
      "4320 s repeated: checkout",
      "5405 s opened: catimages",
      "7920 s repeated: checkout",
      "9005 s repeated: catimages",
      "9005 s opened: cache",
      "9120 s resolved: cache",
      "9245 s reopened: cache",
      "9360 s resolved: cache",
      "11520 s digest: cache resolved",
      "12605 s digest: checkout repeated",
      "12605 s repeated: catimages",
      "13805 s opened: search",
      "15120 s digest: vault opened",
      "15600 s resolved: vault",
      "16205 s repeated: catimages",
      "17400 s resolved: search",
      "17460 s resolved: checkout",
      "17520 s resolved: catimages",
    ]);
  });

  it("and can ask why of everything", () => {
    expect(ledgers(world)).toEqual({
      ledger: [`opened: ${PAST} [1.00 caught_up]`],
      mail: [`opened: ${PAST} []`, `resolved: ${PAST} []`],
      checkout: [
        "opened: 10.08 opened",
        `narrated: ${UNWISHED}`,
        "escalated: 12.00 escalated",
        "repeated: 72.00 repeated",
        "repeated: 132.00 repeated",
        "repeated: rate, More than 4 messages within an hour: a digest tells it. [210.08 digest]",
        "resolved: 291.00 resolved",
      ],
      payments: ["opened: 10.08 opened", `narrated: ${UNWISHED}`, "resolved: 22.00 resolved"],
      search: ["opened: severity, It is medium, below high. []", "opened: 230.08 opened", "resolved: 290.00 resolved"],
      cart: ["opened: 11.08 opened", "resolved: 20.00 resolved"],
      catalogue: [`opened: ${SILENCED}`, `resolved: ${SILENCED}`],
      catimages: [
        "opened: 90.08 opened",
        "repeated: 150.08 repeated",
        "repeated: 210.08 repeated",
        "repeated: 270.08 repeated",
        "resolved: 292.00 resolved",
      ],
      cache: [
        "opened: 150.08 opened",
        "resolved: 152.00 resolved",
        "reopened: 154.08 reopened",
        "resolved: 156.00 resolved",
        `flapping: ${RATE}`,
        `opened: ${RATE}`,
        `resolved: ${RATE}`,
      ],
      stock: [`opened: ${GONE}`, `resolved: ${GONE}`],
      vault: [
        "opened: rate, More than 4 messages within an hour: a digest tells it. [252.00 digest]",
        "resolved: 260.00 resolved",
      ],
    });
  });
});

describe("the team's channel: everything, with words, half a minute late", () => {
  const world = heardBy({ changes: ["opened", "escalated", "narrated", "resolved"], group_wait_s: 30 });

  it("heard this", () => {
    expect(world.told()).toEqual([
      "90 s caught_up: ledger opened, mail resolved",
      "630 s opened: payments, checkout, search",
      "690 s opened: cart",
      "720 s escalated: checkout",
      "1200 s resolved: cart",
      "1320 s resolved: payments",
      "5430 s opened: catimages",
      "9030 s opened: cache",
      "9120 s resolved: cache",
      "9270 s reopened: cache",
      "9360 s resolved: cache",
      "9480 s flapping: cache",
      "10200 s resolved: cache",
      "13800 s escalated: search",
      "15030 s opened: vault",
      "15600 s resolved: vault",
      "17400 s resolved: search",
      "17460 s resolved: checkout",
      "17520 s resolved: catimages",
    ]);
  });

  it("and can ask why of everything", () => {
    expect(ledgers(world)).toEqual({
      ledger: [`opened: ${PAST} [1.50 caught_up]`],
      mail: [`opened: ${PAST} [1.50 caught_up]`, `resolved: ${PAST} [1.50 caught_up]`],
      checkout: [
        "opened: 10.50 opened",
        "narrated: grouped, Told with the opening, which waits for others. [10.50 opened]",
        "escalated: 12.00 escalated",
        "resolved: 291.00 resolved",
      ],
      payments: ["opened: 10.50 opened", "narrated: acknowledged, It was acknowledged. []", "resolved: 22.00 resolved"],
      search: ["opened: 10.50 opened", "escalated: 230.00 escalated", "resolved: 290.00 resolved"],
      cart: ["opened: 11.50 opened", "resolved: 20.00 resolved"],
      catalogue: [`opened: ${SILENCED}`, `resolved: ${SILENCED}`],
      catimages: ["opened: 90.50 opened", "resolved: 292.00 resolved"],
      cache: [
        "opened: 150.50 opened",
        "resolved: 152.00 resolved",
        "reopened: 154.50 reopened",
        "resolved: 156.00 resolved",
        "flapping: 158.00 flapping",
        "escalated: flapping, It was said that it comes and goes; its end will be told. []",
        "resolved: 170.00 resolved",
      ],
      stock: [`opened: ${GONE}`, `resolved: ${GONE}`],
      vault: ["opened: 250.50 opened", "resolved: 260.00 resolved"],
    });
  });
});
