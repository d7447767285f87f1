/** Which numbers of a sentence are of the evidence: a table of what is right to say of it and what is not. */
import { describe, expect, test } from "vitest";
import { evidenceExample } from "../tests/evidence-example.ts";
import { groundNumbers } from "./grounded-numbers.ts";

const evidence = evidenceExample();
const ground = (text: string) => groundNumbers(text, evidence, []);

/** Each with the fact that it comes from; `null`: from the incident's own times, or none is needed. */
const RIGHT: readonly (readonly [string, string | null])[] = [
  ["31 % of requests fail.", "errors"],
  ["31% of requests fail.", "errors"],
  ["31.4 percent of requests fail.", "errors"],
  ["The failure rate is ~31 per cent.", "errors"],
  ["Typically it is 0.42 %.", "errors"],
  ["Typically it is 0.4%.", "errors"],
  ["It rose from 0.4 to 31 %.", "errors"],
  ["It rose from 0.4-31 %.", "errors"],
  ["p95 latency is 1.5 s.", "latency"],
  ["p95 latency is 1,530 ms.", "latency"],
  ["p95 latency is 1530ms.", "latency"],
  ["The 95th percentile is 1.53 seconds.", "latency"],
  ["The slowest twentieth took 1.5s or longer.", "latency"],
  ["The slowest 5 % took 1.5s or longer.", "latency"],
  ["It was 410 milliseconds before.", "latency"],
  ["It was 0.41 s before.", "latency"],
  ["It takes 3.7 times as long.", "latency"],
  ["It takes 4 times as long.", "latency"],
  ["It takes 3.7x as long.", "latency"],
  ["It takes 3.73× as long.", "latency"],
  ["Traffic is 40 requests per second.", "steady.1"],
  ["Traffic is 40.2 requests a second.", "steady.1"],
  ["Traffic is 40/s.", "steady.1"],
  ["Traffic is 40.2 req/s.", "steady.1"],
  ["Traffic is about 2,400 requests per minute.", "steady.1"],
  ["It began at 10:02:11 UTC.", "onset"],
  ["It began at 10:02.", "onset"],
  ["It began on 2026-11-24 at 10:02 UTC.", "onset"],
  ["It began at 2026-11-24T10:02:11Z.", "onset"],
  ["It was told 12 s later.", "onset"],
  ["It was told 12 seconds later.", "onset"],
  ["It was told twelve seconds later.", "onset"],
  ["It was opened at 10:02:23 UTC.", null],
  ["By 10:05 UTC nothing had changed.", null],
  ["The release came 120 s before.", "deploy"],
  ["The release came 2 minutes before.", "deploy"],
  ["The release came two minutes before.", "deploy"],
  ["The release came in a 2-minute window.", "deploy"],
  ["The release came at 10:00 UTC.", "deploy"],
  ["12,340 requests came.", "impact"],
  ["12340 requests came.", "impact"],
  ["12,300 requests came.", "impact"],
  ["12k requests came.", "impact"],
  ["12.3k requests came.", "impact"],
  ["12.3 thousand requests came.", "impact"],
  ["12 thousand requests came.", "impact"],
  ["1,240 failed.", "impact"],
  ["1,200 failed.", "impact"],
  ["Between 1,100 and 1,300 failed.", "impact"],
  ["1,100–1,300 failed.", "impact"],
  ["It answers with 5xx.", "statuses.5"],
  ["5XX answers are 96 % of the excess.", "statuses.5"],
  ["One endpoint carries 92 %.", "endpoint.1"],
  ["One of the endpoints fails; no one else does.", null],
  ["The other one is fine at first.", null],
  ["Only one of them is slow.", null],
  ["30 s later another service failed.", "neighbour.1"],
  ["Half a minute later another service failed.", "neighbour.1"],
  ["Most of the requests are answered.", "endpoint.1"],
  ["Double-check the third-party dependency.", null],
  ["Look at requests per second.", null],
  ["Requests per minute are steady.", null],
  ["It has no numbers at all.", null],
];

const WRONG: readonly (readonly [string, string])[] = [
  ["30 % of requests fail.", "30 %"],
  ["32 % of requests fail.", "32 %"],
  ["31.5 % of requests fail.", "31.5 %"],
  ["69 % of requests succeed.", "69 %"],
  ["0.31 % of requests fail.", "0.31 %"],
  ["0.314 of requests fail.", "0.314"],
  ["31 requests fail.", "31"],
  ["31 ms passed.", "31 ms"],
  ["About a third of requests fail.", "a third of"],
  ["A third of requests fail.", "A third of"],
  ["Half of the requests fail.", "Half of"],
  ["Two thirds of requests fail.", "Two thirds of"],
  ["It rose by 31 percentage points.", "percentage points"],
  ["It is 75 times as high.", "75 times"],
  ["Latency is 1.6 s.", "1.6 s"],
  ["Latency is 2 s.", "2 s"],
  ["Latency is 1530 s.", "1530 s"],
  ["Latency is 1,530 minutes.", "1,530 minutes"],
  ["p99 latency is 1.5 s.", "p99"],
  ["It takes 3 times as long.", "3 times"],
  ["It takes 5 times as long.", "5 times"],
  ["5 % of requests took 1.5s.", "5 %"],
  ["It takes twice as long.", "twice"],
  ["Latency doubled.", "doubled"],
  ["Latency tripled.", "tripled"],
  ["Latency rose tenfold.", "tenfold"],
  ["Traffic is 40 requests per minute.", "40 requests per minute"],
  ["Traffic is 40 requests.", "40"],
  ["Traffic is 30/s.", "30/s"],
  ["It began at 10:04 UTC.", "10:04 UTC"],
  ["It began at 11:02:11 UTC.", "11:02:11 UTC"],
  ["It began at 10:02:12 UTC.", "10:02:12 UTC"],
  ["It began at 10:02:11 CET.", "10:02:11"],
  ["It began at 10:02 pm.", "10:02"],
  ["It began at midnight.", "midnight"],
  ["It began on 2026-11-25.", "2026-11-25"],
  ["It began at 2026-11-24T10:02:11+02:00.", "2026-11-24T10:02:11+02:00"],
  ["It was told a minute later.", "a minute"],
  ["It was told an hour later.", "an hour"],
  ["It was told twenty seconds later.", "twenty"],
  ["It was told 3 minutes later.", "3 minutes"],
  ["It was told three minutes later.", "three minutes"],
  ["10k requests came.", "10k"],
  ["13k requests came.", "13k"],
  ["10,000 requests came.", "10,000"],
  ["1,2340 requests came.", "1,2340"],
  ["12.340 requests came.", "12.340"],
  ["12 340 requests came.", "12"],
  ["1,5 s passed.", "1,5"],
  ["12'340 requests came.", "12'340"],
  ["1e3 requests failed.", "1e3"],
  ["0x1f requests failed.", "0x1f"],
  ["007 requests failed.", "007"],
  ["3l % of requests fail.", "3l"],
  ["th1rty requests failed.", "th1rty"],
  ["-31 % of requests fail.", "-31"],
  ["1/3 of requests fail.", "1/3"],
  ["31/100 of requests fail.", "31/100"],
  ["12,340,5 requests came.", "12,340,5"],
  ["3 1 % of requests fail.", "3"],
  ["Dozens of requests failed.", "Dozens"],
  ["Hundreds of requests failed.", "Hundreds"],
  ["Thousands of requests failed.", "Thousands"],
  ["A couple of requests failed.", "couple"],
  ["It is an order of magnitude more.", "order of magnitude"],
  ["Ninety-nine requests failed.", "Ninety-nine"],
  ["Three services fail.", "Three"],
  ["One request failed.", "One"],
  ["Only seven requests passed.", "seven"],
  ["The nine that failed are slow.", "nine"],
  ["Seven of the requests failed.", "Seven"],
  ["It takes twices as long.", "twices"],
  ["Half minutes later another service failed.", "Half"],
  ["Every second request fails.", "Every second request"],
  ["Minus 31 % of requests fail.", "Minus"],
  ["A handful of requests fail.", "handful"],
  ["It fails since last week.", "last week"],
  ["All of its users see it.", "All of its users"],
  ["One in three requests fails.", "three"],
  ["10-20 % of requests fail.", "10"],
  ["10 to 31 % of requests fail.", "10"],
  ["Between 1,100 and 1,400 failed.", "1,400"],
  ["It answers with 503.", "503"],
  ["It answers with HTTP 500.", "500"],
  ["It answers with 4xx.", "4xx"],
  ["All requests fail.", "All requests"],
  ["Every request fails.", "Every request"],
  ["No requests arrive.", "No requests"],
  ["None of the requests arrive.", "None of the requests"],
  ["Version 2.4.1 is bad.", "2.4.1"],
  ["Wait 24/7.", "24/7"],
  ["It is the 1st time.", "1st"],
  ["Everything is 100 % well.", "100 %"],
];

describe("a number of the evidence", () => {
  test.each(RIGHT)("is told right: %s", (text, fact) => {
    const { facts, violations } = ground(text);
    expect(violations).toEqual([]);
    if (fact !== null) expect(facts).toContain(fact);
  });

  test.each(WRONG)("is not what this tells: %s", (text, named) => {
    const { violations } = ground(text);
    expect(violations.join("\n")).toContain(`"${named}`);
  });

  test("adds the fact that it comes from, where none of those cited has it", () => {
    expect(groundNumbers("31 % fail.", evidence, ["onset"]).facts).toEqual(["errors"]);
    expect(groundNumbers("96 % of the excess.", evidence, ["statuses.5"]).facts).toEqual(["statuses.5"]);
  });
});

describe("quantities without a number", () => {
  const down = evidenceExample({
    facts: [
      {
        id: "down",
        kind: "down",
        text: "No request came (typically 40/s).",
        values: [
          { name: "actual", value: 0, unit: "per_s" },
          { name: "typical", value: 40.2, unit: "per_s" },
        ],
        names: [],
      },
      {
        id: "errors",
        kind: "errors",
        text: "100 % failed.",
        values: [{ name: "actual", value: 0.998, unit: "share" }],
        names: [],
      },
    ],
  });

  test.each([
    "No requests arrive.",
    "0 requests per second arrive.",
    "All requests failed.",
    "100 % of requests failed.",
  ])("are right where the evidence says so: %s", (text) =>
    expect(groundNumbers(text, down, []).violations).toEqual([]),
  );

  test("are wrong where it does not", () => {
    expect(ground("0 requests came.").violations).not.toEqual([]);
    expect(groundNumbers("0 % failed.", down, []).violations).not.toEqual([]);
  });
});
