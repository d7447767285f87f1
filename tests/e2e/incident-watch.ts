/** Every incident and narrative event of some services, as their own sockets tell it: what there is to be heard of. */
import type { DurableEvent, ServiceMessage } from "../../domain/message.ts";
import { LIVE_SUBPROTOCOL } from "../../domain/message.ts";
import { type FaultlineServer, TOKENS } from "./faultline-server.ts";

export class IncidentWatch {
  readonly events: (readonly [service: string, event: DurableEvent])[] = [];
  readonly #sockets: WebSocket[] = [];

  /** @param heard is told of each event when it comes */
  async open(
    server: FaultlineServer,
    services: readonly string[],
    heard: (service: string, event: DurableEvent) => void,
  ): Promise<void> {
    const opened = services.map((service) => {
      const socket = new WebSocket(`${server.url.replace("http", "ws")}/v1/services/${service}/live?after=0`, {
        protocols: [LIVE_SUBPROTOCOL],
        headers: { Authorization: `Bearer ${TOKENS.VIEWER_TOKEN}` },
      } as unknown as string[]);
      this.#sockets.push(socket);
      socket.addEventListener("message", ({ data }) => {
        const message = JSON.parse(String(data)) as ServiceMessage;
        if (message.type !== "incident" && message.type !== "narrative") return;
        this.events.push([service, message]);
        heard(service, message);
      });
      return new Promise<void>((resolve, reject) => {
        socket.addEventListener("open", () => resolve());
        socket.addEventListener("error", () => reject(new Error(`the socket of ${service} cannot be opened`)));
      });
    });
    await Promise.all(opened);
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }
}
