/** One live socket: PartySocket reconnects, this adds the heartbeat, the place to resume from and what the page may say of it. */
import { WebSocket } from "partysocket";
import {
  CLOSE_SESSION_ENDED,
  LIVE_SUBPROTOCOL,
  LIVE_VERSION,
  PING,
  PONG,
  type FleetMessage,
  type ServiceMessage,
} from "../../../domain/message.ts";
import {
  nextConnection,
  PING_EVERY_MS,
  PONG_WITHIN_MS,
  RETRY_GROWTH,
  RETRY_MAX_MS,
  retryDelayMs,
  type Connection,
  type ConnectionEvent,
} from "./live-connection.ts";

export interface LiveSocket {
  /** Tries again at once. */
  retry(): void;
  close(): void;
}

export interface LiveOptions<Message> {
  /** `/v1/live` or a service's own. */
  readonly path: string;
  /** The newest durable event that was taken; null before the first snapshot. */
  readonly after: () => number | null;
  readonly onMessage: (message: Message) => void;
  readonly onConnection: (connection: Connection) => void;
  /** A try failed before the socket ever opened: the reason is hidden from scripts, so the session has to be asked. */
  readonly onRefused: () => void;
}

export function openLive<Message extends FleetMessage | ServiceMessage>(options: LiveOptions<Message>): LiveSocket {
  // Each page waits a little differently, so that a restarted server does not meet all of them in the same instant.
  const first_retry_ms = 800 + Math.random() * 800;
  let connection: Connection = { phase: "connecting", since_ms: Date.now() };
  let opened = false;
  let pong_timer: ReturnType<typeof setTimeout> | undefined;

  const socket = new WebSocket(() => liveUrl(options.path, options.after()), LIVE_SUBPROTOCOL, {
    minReconnectionDelay: first_retry_ms,
    maxReconnectionDelay: RETRY_MAX_MS,
    reconnectionDelayGrowFactor: RETRY_GROWTH,
    maxEnqueuedMessages: 0,
    shouldReconnectOnClose: (event) => event.code !== CLOSE_SESSION_ENDED,
  });

  const step = (event: ConnectionEvent) => {
    connection = nextConnection(connection, event);
    options.onConnection(connection);
  };

  const ping = () => {
    if (socket.readyState !== WebSocket.OPEN) return;
    socket.send(PING);
    pong_timer ??= setTimeout(() => {
      pong_timer = undefined;
      step({ type: "pong_missed", at_ms: Date.now() });
      socket.reconnect();
    }, PONG_WITHIN_MS);
  };
  const heartbeat = setInterval(ping, PING_EVERY_MS);
  const forgetPong = () => {
    clearTimeout(pong_timer);
    pong_timer = undefined;
  };

  socket.addEventListener("open", () => {
    opened = true;
    step({ type: "opened", at_ms: Date.now() });
  });
  socket.addEventListener("message", (event) => {
    step({ type: "heard", at_ms: Date.now() });
    if (event.data === PONG) return forgetPong();
    const message = JSON.parse(String(event.data)) as Message;
    if (message.type === "snapshot" && message.version !== LIVE_VERSION) {
      step({ type: "version_differs" });
      return socket.close();
    }
    options.onMessage(message);
  });
  socket.addEventListener("close", (event) => {
    forgetPong();
    const retry_in_ms = retryDelayMs(socket.retryCount, first_retry_ms);
    step({ type: "closed", at_ms: Date.now(), code: event.code, retry_in_ms });
    if (!opened) options.onRefused();
    opened = false;
  });

  return {
    retry: () => socket.reconnect(),
    close: () => {
      clearInterval(heartbeat);
      forgetPong();
      socket.close();
    },
  };
}

function liveUrl(path: string, after: number | null): string {
  const url = new URL(path, location.origin);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  if (after !== null) url.searchParams.set("after", String(after));
  return url.href;
}
