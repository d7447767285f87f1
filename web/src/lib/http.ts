/** Reads of the HTTP surface. What can go wrong is a value: nothing here throws for an answer that is not 200. */
import type { Problem } from "../../../domain/resource.ts";

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  /** `status` 0: the server could not be reached. `detail` says in one sentence what is wrong. */
  | { readonly ok: false; readonly status: number; readonly detail: string };

export async function getJson<T>(path: string, signal?: AbortSignal): Promise<Answer<T>> {
  return await ask<T>(path, signal === undefined ? {} : { signal });
}

export async function postJson<T>(
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer<T>> {
  const all = { ...headers, "Content-Type": "application/json" };
  return await ask<T>(path, { method: "POST", headers: all, body: JSON.stringify(body) });
}

export async function putJson<T>(
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): Promise<Answer<T>> {
  const all = { ...headers, "Content-Type": "application/json" };
  return await ask<T>(path, { method: "PUT", headers: all, body: JSON.stringify(body) });
}

export async function deleteJson<T>(path: string): Promise<Answer<T>> {
  return await ask<T>(path, { method: "DELETE" });
}

async function ask<T>(path: string, init: RequestInit): Promise<Answer<T>> {
  try {
    const response = await fetch(path, { ...init, credentials: "same-origin", cache: "no-store" });
    if (!response.ok) return { ok: false, status: response.status, detail: await problemDetail(response) };
    const text = await response.text();
    return { ok: true, value: (text === "" ? null : JSON.parse(text)) as T };
  } catch (error) {
    // fetch rejects when there is no connection and when it was aborted; a body that is not JSON is a broken answer alike.
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, status: 0, detail: `The server could not be reached (${reason}).` };
  }
}

async function problemDetail(response: Response): Promise<string> {
  const text = await response.text();
  if (response.headers.get("Content-Type")?.includes("json") === true) {
    const problem = parseProblem(text);
    if (problem?.detail !== undefined) return problem.detail;
  }
  return `The server answered ${response.status} ${response.statusText}`.trim();
}

/** Null where the body only claims to be JSON: the status then speaks for itself. */
function parseProblem(text: string): Partial<Problem> | null {
  try {
    return JSON.parse(text) as Partial<Problem>;
  } catch {
    return null;
  }
}
