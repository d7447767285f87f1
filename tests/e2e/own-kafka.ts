/**
 * A Kafka of one test's own, which may be stopped and killed without harm to others. It listens twice: in the clear for the
 * test, and with TLS and SASL for the bridge.
 */
import { existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Admin } from "@platformatic/kafka";
import { run } from "../../cli/run.ts";
import { INFRA_HOME } from "../infra-home.ts";
import type { BridgeSettings } from "./bridge.ts";
import { freePort, ProcessGroup } from "./process-group.ts";

/**
 * Where Kafka's jars are: `KAFKA_LIBS` (libs/ of an Apache Kafka 4 download), or where the real parts were installed; null
 * where there are none.
 */
export function kafkaLibs(): string | null {
  const named = process.env["KAFKA_LIBS"];
  if (named !== undefined && named !== "") return named;
  const homes = [process.env["KAFKA_HOME"], join(INFRA_HOME, "kafka")].filter((home) => home !== undefined);
  return homes.flatMap((home) => globSync("libs-*", { cwd: home }).map((name) => join(home, name)))[0] ?? null;
}

const PASSWORD = "e2e-kafka-password";

export class OwnKafka {
  readonly #folder = mkdtempSync(join(tmpdir(), "faultline-kafka-"));
  readonly #log = join(this.#folder, "kafka.log");
  readonly #configuration = join(this.#folder, "server.properties");
  readonly #keystore = join(this.#folder, "keystore.p12");
  readonly #certificate = join(this.#folder, "ca.pem");
  readonly #libs: string;
  #port = 0;
  #secure_port = 0;
  #process: ProcessGroup | null = null;

  constructor(libs: string) {
    this.#libs = libs;
  }

  get brokers(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** Of a bridge that comes in by TLS and SASL. */
  get secure(): BridgeSettings {
    return {
      KAFKA_BROKERS: `127.0.0.1:${this.#secure_port}`,
      KAFKA_TLS: "true",
      KAFKA_CA_FILE: this.#certificate,
      KAFKA_SASL: "PLAIN",
      KAFKA_USER: "bridge",
      KAFKA_PASSWORD: PASSWORD,
    };
  }

  #java(...parameters: readonly string[]): readonly string[] {
    return [
      "java",
      "-Xmx256m",
      "-XX:+UseSerialGC",
      "-XX:TieredStopAtLevel=1",
      "-cp",
      join(this.#libs, "*"),
      ...parameters,
    ];
  }

  async start(): Promise<void> {
    if (!existsSync(this.#configuration)) await this.#format();
    this.#process = new ProcessGroup(this.#java("kafka.Kafka", this.#configuration), {}, this.#log);
    await this.#process.untilReady("a Kafka of our own", 90_000, async () => {
      const admin = new Admin({ clientId: "own-kafka", bootstrapBrokers: [this.brokers], retries: 0 });
      try {
        await admin.listTopics();
        return true;
      } finally {
        await admin.close();
      }
    });
  }

  /** One node that is broker and controller, as small as can be. */
  async #format(): Promise<void> {
    [this.#port, this.#secure_port] = [await freePort(), await freePort()];
    await this.#certify();
    const controller = `127.0.0.1:${await freePort()}`;
    const clients = `PLAINTEXT://${this.brokers},SASL_SSL://127.0.0.1:${this.#secure_port}`;
    const login = "org.apache.kafka.common.security.plain.PlainLoginModule";
    const properties = {
      "process.roles": "broker,controller",
      "node.id": "1",
      "controller.quorum.voters": `1@${controller}`,
      listeners: `${clients},CONTROLLER://${controller}`,
      "advertised.listeners": clients,
      "controller.listener.names": "CONTROLLER",
      "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT",
      "sasl.enabled.mechanisms": "PLAIN",
      "listener.name.sasl_ssl.plain.sasl.jaas.config": `${login} required user_bridge="${PASSWORD}";`,
      "ssl.keystore.location": this.#keystore,
      "ssl.keystore.password": PASSWORD,
      "log.dirs": join(this.#folder, "data"),
      "auto.create.topics.enable": "false",
      "offsets.topic.replication.factor": "1",
      "offsets.topic.num.partitions": "1",
      "transaction.state.log.replication.factor": "1",
      "transaction.state.log.min.isr": "1",
      "group.initial.rebalance.delay.ms": "0",
    };
    const lines = Object.entries(properties).map(([name, value]) => `${name}=${value}\n`);
    const format = ["kafka.tools.StorageTool", "format", "-t", "ZmF1bHRsaW5lLWUyZS0wMA", "-c", this.#configuration];
    writeFileSync(this.#configuration, lines.join(""));
    await done(this.#java(...format));
  }

  /** A certificate of its own, which is its own authority. */
  async #certify(): Promise<void> {
    const store = ["-keystore", this.#keystore, "-storetype", "PKCS12", "-storepass", PASSWORD, "-alias", "broker"];
    const subject = ["-dname", "CN=127.0.0.1", "-ext", "SAN=ip:127.0.0.1", "-validity", "2"];
    await done(["keytool", "-genkeypair", "-keyalg", "EC", ...store, ...subject]);
    await done(["keytool", "-exportcert", "-rfc", "-file", this.#certificate, ...store]);
  }

  /** SIGTERM lets it finish its logs, SIGKILL does not. */
  async stop(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    await this.#process?.end(signal);
    this.#process = null;
  }

  async close(): Promise<void> {
    await this.stop("SIGKILL");
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Runs a command to its end; throws with what it said where that is not well. */
async function done(command: readonly string[]): Promise<void> {
  const { code, output } = await run(command, { ended: AbortSignal.timeout(90_000) });
  if (code !== 0) throw new Error(output);
}
