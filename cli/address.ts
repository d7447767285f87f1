/** Where Faultline listens: whether the address is free, and its URL. */
import { createServer, isIPv6 } from "node:net";
import { Failure } from "./failure.ts";

/** Wildcards listen everywhere but are no destination: this machine reaches itself by loopback. */
const REACHED_BY: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

/** The URL at which this machine reaches a listener on `host`. */
export function urlOf(host: string, port: number): string {
  const name = REACHED_BY[host] ?? host;
  return `http://${isIPv6(name) ? `[${name}]` : name}:${port}`;
}

/** Listens for a moment, because only that tells for certain. @throws Failure that says what to do */
export async function assertFree(host: string, port: number): Promise<void> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port, exclusive: true }, resolve);
    });
  } catch (error) {
    throw new Failure(explain(host, port, error));
  }
  await new Promise<void>((resolve) => void server.close(() => resolve()));
}

function explain(host: string, port: number, error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE")
    return `port ${port} is taken: end what holds it, or choose another with \`npm start -- --port ${port + 1}\`.`;
  if (code === "EACCES")
    return `port ${port} is not allowed for you: choose one from 1024 on with \`npm start -- --port N\`.`;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND" || code === "EAI_AGAIN" || code === "EINVAL") {
    return `"${host}" is not an address of this machine: choose another with \`npm start -- --host ADDRESS\`.`;
  }
  return `cannot listen on ${host}, port ${port}: ${error instanceof Error ? error.message : String(error)}.`;
}
