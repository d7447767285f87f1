/** Why an upgrade is refused: a WebSocket tells scripts nothing of the answer, so that the same is asked by plain HTTP. */
import { randomBytes } from "node:crypto";
import { type IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { text } from "node:stream/consumers";
import { LIVE_SUBPROTOCOL } from "../../domain/message.ts";
import { parseObject } from "../json-object.ts";

const ANSWER_MS_MAX = 10_000;

/**
 * - `upgraded`: nothing is wrong (any more)
 * - `unreachable`: nothing answers; `reason` is the system's
 * - `refused`: an HTTP answer; `retry_after_s` where it says so
 */
export type UpgradeAnswer =
  | { readonly type: "upgraded" }
  | { readonly type: "unreachable"; readonly reason: string }
  | { readonly type: "refused"; readonly status: number; readonly detail: string; readonly retry_after_s: number };

export function askUpgrade(address: URL, token: string): Promise<UpgradeAnswer> {
  return new Promise((resolve, reject) => {
    const send = address.protocol === "https:" ? httpsRequest : httpRequest;
    const request = send(address.href, { headers: headersOf(token), agent: false, timeout: ANSWER_MS_MAX });
    request.on("timeout", () => request.destroy(new Error("it does not answer")));
    request.on("error", (error) => resolve({ type: "unreachable", reason: codeOf(error) }));
    request.on("upgrade", (_answer, socket) => {
      socket.destroy();
      resolve({ type: "upgraded" });
    });
    request.on("response", (answer) => void refusalOf(answer).then(resolve, reject));
    request.end();
  });
}

function headersOf(token: string): Readonly<Record<string, string>> {
  return {
    authorization: `Bearer ${token}`,
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": randomBytes(16).toString("base64"),
    "sec-websocket-protocol": LIVE_SUBPROTOCOL,
  };
}

async function refusalOf(answer: IncomingMessage): Promise<UpgradeAnswer> {
  const status = answer.statusCode ?? 0;
  const body = parseObject(Buffer.from(await text(answer).catch(() => "")));
  const detail = typeof body?.["detail"] === "string" ? body["detail"] : "is it Faultline?";
  const retry_after_s = Number(answer.headers["retry-after"] ?? 0);
  return { type: "refused", status, detail, retry_after_s: Number.isFinite(retry_after_s) ? retry_after_s : 0 };
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}
