/** A proxy on the way to a server that breaks connections off after so many bytes of the server's, wherever in a frame that is. */
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A connection through the proxy, with how many bytes more of the server's it may bring; null: all of them. */
interface Passage {
  left: number | null;
}

export class CuttingProxy {
  /** How many bytes of the server's a new connection may bring; null: all of them. */
  budget: () => number | null = () => null;
  cuts = 0;
  readonly #target: URL;
  readonly #open = new Set<Socket>();
  readonly #passages = new Set<Passage>();
  readonly #server = createServer((client) => this.#pass(client));

  /** @param target origin of the server */
  constructor(target: string) {
    this.#target = new URL(target);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#open) socket.destroy();
    await closed;
  }

  /** Breaks the open connections off after so many bytes more, 0 or more. */
  cutSoon(bytes: number): void {
    for (const passage of this.#passages) passage.left = Math.min(passage.left ?? bytes, bytes);
  }

  #pass(client: Socket): void {
    const server = connect(Number(this.#target.port), this.#target.hostname);
    const passage: Passage = { left: this.budget() };
    this.#passages.add(passage);
    client.on("close", () => this.#passages.delete(passage));
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#open.add(socket);
      // Either side may reset: the other one is to hear of it, and nobody else.
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        this.#open.delete(socket);
        other.destroy();
      });
    }
    client.on("data", (chunk) => server.write(chunk));
    server.on("data", (chunk) => {
      const passed = passage.left === null ? chunk : chunk.subarray(0, passage.left);
      if (passage.left !== null) passage.left -= passed.length;
      if (passage.left !== 0) return void client.write(passed);
      server.pause();
      this.cuts += 1;
      client.write(passed, () => {
        client.destroy();
        server.destroy();
      });
    });
  }
}
