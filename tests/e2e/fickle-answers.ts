/** Answers of a receiver that goes wrong at random, though never twice in a row for the same message: a second retry comes after 5 min. */
import type { ServerResponse } from "node:http";
import type { Random } from "../../generator/random.ts";
import type { ReceivedWebhook, WebhookAnswer } from "./webhook-receiver.ts";

/** `takes`: the receiver has the message, whatever its sender sees of that. */
interface Mood {
  readonly name: string;
  /** Of 1,000 messages. */
  readonly share: number;
  readonly takes: boolean;
  readonly answer: (response: ServerResponse) => void;
}

const SLOW_MS = 1_500;

const MOODS: readonly Mood[] = [
  { name: "500", share: 14, takes: false, answer: (response) => void response.writeHead(500).end("no") },
  {
    name: "503 with Retry-After",
    share: 12,
    takes: false,
    answer: (response) => void response.writeHead(503, { "retry-after": "6" }).end(),
  },
  { name: "connection reset", share: 10, takes: false, answer: (response) => void response.destroy() },
  // The sender gives up after 10 s: each costs its group 15 s.
  { name: "hang", share: 4, takes: false, answer: () => undefined },
  { name: "taken, then the connection reset", share: 10, takes: true, answer: (response) => void response.destroy() },
  {
    name: "taken, then cut in the middle of the answer",
    share: 10,
    takes: true,
    answer: (response) => {
      response.writeHead(200, { "content-length": "5000" });
      response.write("thank", () => void response.destroy());
    },
  },
  {
    name: "slow",
    share: 20,
    takes: true,
    answer: (response) => void setTimeout(() => response.writeHead(204).end(), SLOW_MS),
  },
];

export class FickleAnswers {
  /** Ids of messages that the receiver has. */
  readonly taken = new Set<string>();
  /** How often each thing was done. */
  readonly done = new Map<string, number>();
  readonly #random: Random;
  readonly #met = new Set<string>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** For what is no webhook there is no answer but 400, and a test is always well received. */
  readonly answer: WebhookAnswer = (response, _, received) => {
    if (received === null) return void response.writeHead(400).end();
    if (received.kind === "test") return void response.writeHead(204).end();
    const mood = this.#mood(received);
    const name = mood?.name ?? "well";
    this.done.set(name, (this.done.get(name) ?? 0) + 1);
    if (mood?.takes ?? true) this.taken.add(received.id);
    if (mood === null) response.writeHead(204).end();
    else mood.answer(response);
  };

  #mood({ id }: ReceivedWebhook): Mood | null {
    if (this.#met.has(id)) return null;
    this.#met.add(id);
    let left = this.#random.between(0, 1_000);
    return MOODS.find(({ share }) => (left -= share) < 0) ?? null;
  }
}

export const MOOD_NAMES: readonly string[] = MOODS.map(({ name }) => name);
