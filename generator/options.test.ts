import { describe, expect, it } from "vitest";
import { GeneratorFailure } from "./failure.ts";
import { HELP, parseGeneratorOptions } from "./options.ts";

const ENV = { INGEST_TOKEN: "secret" };

function refusal(...argv: string[]): { readonly message: string; readonly exitCode: number } {
  try {
    parseGeneratorOptions(argv, ENV);
  } catch (error) {
    if (error instanceof GeneratorFailure) return { message: error.message, exitCode: error.exitCode };
    throw error;
  }
  throw new Error(`${argv.join(" ")} was accepted`);
}

describe("the generator's options", () => {
  it("fit `npm start` by default", () => {
    expect(parseGeneratorOptions([], ENV)).toEqual({
      target: { sink: "http", url: "http://127.0.0.1:8787", token: "secret" },
      seed: 1,
      rate: 100,
      services: 3,
      duration_ms: null,
      anomalies: "random",
      demo: null,
      tour: false,
      history: true,
      disorder_ms: 500,
      json: false,
    });
  });

  it("take Kafka's address and topic from options before the environment", () => {
    const env = { KAFKA_BROKERS: "a:1,b:2", KAFKA_TOPIC: "from-env" };
    const target = (...argv: string[]) => parseGeneratorOptions(["--sink", "kafka", ...argv], env)?.target;
    expect(target()).toEqual({ sink: "kafka", brokers: ["a:1", "b:2"], topic: "from-env", partitions_created: null });
    expect(target("--brokers", "[::1]:9092", "--topic", "t", "--create-topic", "--partitions", "12")).toEqual({
      sink: "kafka",
      brokers: ["[::1]:9092"],
      topic: "t",
      partitions_created: 12,
    });
  });

  it("say where to ask for faults on purpose, also where events go to Kafka", () => {
    const demo = { url: "http://127.0.0.1:9000", token: "secret" };
    expect(parseGeneratorOptions(["--demo", "--url", demo.url], ENV)?.demo).toEqual(demo);
    expect(parseGeneratorOptions(["--demo", "--url", demo.url, "--sink", "kafka"], ENV)?.demo).toEqual(demo);
    expect(() => parseGeneratorOptions(["--demo", "--sink", "kafka"], {})).toThrow(/--token/);
  });

  it("read durations with their unit and a URL without its last slash", () => {
    expect(parseGeneratorOptions(["--duration", "15m"], ENV)?.duration_ms).toBe(900_000);
    expect(parseGeneratorOptions(["--url", "https://x.example/base/"], ENV)?.target).toMatchObject({
      url: "https://x.example/base",
    });
  });

  it("ask for nothing else where the help is wanted", () => {
    expect(parseGeneratorOptions(["--help"], {})).toBeNull();
  });

  it.each([
    [["--rate", "0"], /--rate must be a whole number from 1 to 20000, not "0"/],
    [["--rate", "1e3"], /--rate must be a whole number/],
    [["--services", "1001"], /--services must be a whole number from 1 to 1000/],
    [["--seed", "-1"], /seed/],
    [["--duration", "10"], /--duration must be a time like 90s, 15m or 2h, not "10"/],
    [["--duration", "0s"], /--duration must be/],
    [["--disorder-ms", "x"], /--disorder-ms must be a whole number from 0 to 30000/],
    [["--anomalies", "some"], /--anomalies must be none or random, not "some"/],
    [["--sink", "file"], /--sink must be http or kafka, not "file"/],
    [["--url", "localhost:8787"], /--url must be an address like/],
    [["--url", "http://u:p@x"], /--url must be an address like/],
    [["--sink", "kafka", "--brokers", "a"], /--brokers must be host:port, several by commas, not "a"/],
    [["--sink", "kafka", "--topic", "a b"], /--topic must be/],
    [["--sink", "kafka", "--create-topic", "--partitions", "0"], /--partitions must be/],
    [["--token", "a b"], /--token/],
    [["--wrong"], /--wrong/],
    [["stray"], /stray/],
  ])("refuse %j in one line that names what is wrong", (argv, message) => {
    const refused = refusal(...argv);
    expect(refused.message).toMatch(message);
    expect(refused.message).not.toContain("\n");
    expect(refused.exitCode).toBe(2);
  });

  it("are all in the help", () => {
    for (const option of [
      "sink",
      "url",
      "token",
      "brokers",
      "topic",
      "create-topic",
      "partitions",
      "rate",
      "services",
      "seed",
      "duration",
      "disorder-ms",
      "anomalies",
      "tour",
      "no-history",
      "json",
      "help",
    ]) {
      expect(HELP).toContain(`--${option}`);
    }
  });
});
