import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BinaryReader, BinaryWriter } from "./binary.ts";
import { addClasses, classOf, NO_CLASSES, type StatusClasses } from "./status-classes.ts";
import { StatusClassWatch } from "./status-class-watch.ts";

const START = 1_764_000_000;
const classes = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 5, maxLength: 5 });

/** Pushes seconds from START on; `fault`: those in which something speaks for a fault. */
function watched(seconds: readonly StatusClasses[], fault: ReadonlySet<number> = new Set()): StatusClassWatch {
  const watch = new StatusClassWatch();
  for (const [i, own] of seconds.entries()) watch.push(START + i, own, !fault.has(i));
  return watch;
}

function again(watch: StatusClassWatch): StatusClassWatch {
  const writer = new BinaryWriter();
  watch.encode(writer);
  return StatusClassWatch.decode(new BinaryReader(writer.finish()));
}

const usual: StatusClasses = [0, 95, 0, 4, 1];
const broken: StatusClasses = [0, 50, 0, 4, 46];

describe("classes of status codes", () => {
  it("are told by their first digit", () => {
    expect([100, 204, 399, 404, 599].map(classOf)).toEqual([0, 1, 2, 3, 4]);
  });

  it("add up, whatever the order", () => {
    fc.assert(
      fc.property(classes, classes, (a, b) => {
        expect(addClasses(a, b)).toEqual(addClasses(b, a));
        expect(addClasses(a, NO_CLASSES)).toEqual(a);
        expect(addClasses(a, b)).toEqual(a.map((own, i) => own + b[i]!));
      }),
    );
  });
});

describe("what is watched of them", () => {
  it("is summed over any of the newest ten minutes", () => {
    fc.assert(
      fc.property(fc.array(classes, { minLength: 1, maxLength: 40 }), fc.nat(60), fc.nat(60), (few, a, b) => {
        const all = [...Array.from({ length: 580 }, () => usual), ...few];
        const [from, to] = [540 + Math.min(a, b), 540 + Math.max(a, b)];
        const plain = all.slice(from, to + 1).reduce(addClasses, NO_CLASSES);
        expect(watched(all).over(START + from, START + to)).toEqual(plain);
      }),
    );
    const old = watched(Array.from({ length: 700 }, () => usual));
    expect(old.over(START, START + 10_000)).toEqual(usual.map((own) => own * 600));
  });

  it("is typical from fifty answers on, a minute after they came", () => {
    expect(watched(Array.from({ length: 60 }, () => usual)).typical).toBeNull();
    const typical = watched(Array.from({ length: 300 }, () => usual)).typical!;
    expect(typical.reduce((sum, own) => sum + own, 0)).toBeCloseTo(1);
    for (const [i, own] of usual.entries()) expect(typical[i]).toBeCloseTo(own / 100);
  });

  it("learns nothing of a fault, nor of the minute before it was seen to be one", () => {
    const healthy = Array.from({ length: 300 }, () => usual);
    const faulty = Array.from({ length: 200 }, () => broken);
    // The first twenty seconds of the fault pass before anything speaks for it.
    const fault = new Set(faulty.map((_, i) => 300 + i).slice(20));
    const { typical } = watched([...healthy, ...faulty], fault);
    expect(typical![4]).toBeCloseTo(0.01);
  });

  it("learns again once nothing speaks for a fault any more", () => {
    const seconds = [...Array.from({ length: 300 }, () => usual), ...Array.from({ length: 7200 }, () => broken)];
    expect(watched(seconds).typical![4]).toBeGreaterThan(0.3);
  });

  it("forgets nothing while nothing is answered", () => {
    const seconds = [
      ...Array.from({ length: 100 }, () => [0, 1, 0, 0, 0]),
      ...Array.from({ length: 50_000 }, () => NO_CLASSES),
    ];
    expect(watched(seconds).typical).toEqual([0, 1, 0, 0, 0]);
  });

  it("survives its encoding at any second, and goes on as if nothing had been", () => {
    fc.assert(
      fc.property(fc.array(classes, { minLength: 1, maxLength: 700 }), fc.nat(700), (seconds, cut) => {
        const stayed = watched(seconds);
        let evicted = watched(seconds.slice(0, cut));
        // What was encoded once is not encoded anew: only a watch that goes on shows that a change is.
        const stored = watched(seconds.slice(0, cut));
        for (const [i, own] of seconds.entries()) {
          if (i < cut) continue;
          evicted = again(evicted);
          again(stored);
          for (const watch of [evicted, stored]) watch.push(START + i, own, true);
        }
        expect(again(stored).over(START, START + 700)).toEqual(stayed.over(START, START + 700));
        expect(evicted.typical).toEqual(stayed.typical);
        expect(evicted.over(START, START + 700)).toEqual(stayed.over(START, START + 700));
      }),
      { numRuns: 20 },
    );
  });
});
