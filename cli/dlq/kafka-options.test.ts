import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseKafkaOptions, parseTopic } from "./kafka-options.ts";

test("without options and variables it is the Kafka of this machine, in the clear; empty variables are unset", () => {
  const expected = { brokers: ["127.0.0.1:9092"], tls: null, sasl: null };
  expect(parseKafkaOptions(undefined, {})).toEqual(expected);
  const empty = Object.fromEntries(
    ["KAFKA_BROKERS", "KAFKA_TLS", "KAFKA_CA_FILE", "KAFKA_SASL"].map((name) => [name, ""]),
  );
  expect(parseKafkaOptions(undefined, empty)).toEqual(expected);
  expect(parseTopic(undefined, { DLQ_TOPIC: "" })).toBe("raw_events_dlq");
});

test("the bridge's variables say how to speak to the brokers, and an option goes before a variable", () => {
  const folder = mkdtempSync(join(tmpdir(), "faultline-kafka-"));
  const file = join(folder, "ca.pem");
  writeFileSync(file, "a certificate");
  const env = {
    KAFKA_BROKERS: "a:1, b:2",
    KAFKA_TLS: "true",
    KAFKA_CA_FILE: file,
    KAFKA_SASL: "SCRAM-SHA-512",
    KAFKA_USER: "u",
    KAFKA_PASSWORD: "p",
  };
  expect(parseKafkaOptions(undefined, env)).toEqual({
    brokers: ["a:1", "b:2"],
    tls: { ca: Buffer.from("a certificate") },
    sasl: { mechanism: "SCRAM-SHA-512", username: "u", password: "p" },
  });
  expect(parseKafkaOptions("[::1]:9092", env).brokers).toEqual(["[::1]:9092"]);
  expect(parseTopic("own", { DLQ_TOPIC: "other" })).toBe("own");
  rmSync(folder, { recursive: true });
});

test.each([
  [{ KAFKA_BROKERS: "localhost" }, /^--brokers or KAFKA_BROKERS must be host:port/],
  [{ KAFKA_TLS: "yes" }, /^KAFKA_TLS must be true or false/],
  [{ KAFKA_TLS: "true", KAFKA_CA_FILE: "no/such.pem" }, /^KAFKA_CA_FILE no\/such\.pem cannot be read/],
  [{ KAFKA_SASL: "GSSAPI" }, /^KAFKA_SASL must be none, PLAIN/],
])("%j is refused in one line that names the variable", (env, message) => {
  expect(() => parseKafkaOptions(undefined, env)).toThrow(message);
});

test.each(["", ".", "a b", "x".repeat(250)])("%j is no topic", (topic) => {
  expect(() => parseTopic(topic, {})).toThrow(/^--topic or DLQ_TOPIC must be/);
});
