/** An Ollama that answers when a test lets it, with words that the evidence bears out: what it is asked with holds them all. */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

export const MODEL = "held:1b";

/** What is asked, as far as it is needed for an answer: domain/narrative-prompt.ts writes it. */
interface Asked {
  readonly incident: { readonly service: string; readonly facts: readonly { id: string; text: string }[] };
  readonly causes: readonly unknown[];
}

export class HeldOllama {
  readonly #server = createServer((request, response) => {
    void json(request).then((body) => this.#asked.push({ document: documentOf(body), response }));
  });
  #asked: { readonly document: Asked; readonly response: ServerResponse }[] = [];

  /** @param wanted its port; 0: any */
  async start(wanted = 0): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(wanted, "127.0.0.1", resolve));
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  /** Services whose incidents wait for an answer. */
  get waiting(): readonly string[] {
    return this.#asked.map(({ document }) => document.incident.service);
  }

  /** Answers all that wait; each summary begins with the given words. */
  answer(words: (service: string) => string): void {
    for (const { document, response } of this.#asked) {
      const { service, facts } = document.incident;
      const [first] = facts;
      const statement = (text: string) => ({ text, facts: [first!.id] });
      const story = {
        summary: [statement(`${words(service)} ${first!.text}`)],
        possible_causes: document.causes,
        recommended_actions: [statement(`Look at ${service} first.`)],
      };
      const message = { role: "assistant", content: JSON.stringify(story) };
      response.setHeader("Content-Type", "application/json");
      response.end(JSON.stringify({ model: MODEL, message, done: true, done_reason: "stop", eval_count: 100 }));
    }
    this.#asked = [];
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function documentOf(body: unknown): Asked {
  const { messages } = body as { messages: { role: string; content: string }[] };
  return JSON.parse(messages.find(({ role }) => role === "user")!.content) as Asked;
}
