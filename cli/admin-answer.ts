/** Answers of the API for administrators. */
import type { Problem } from "../domain/resource.ts";
import { adminRequest, type AdminRequest } from "./admin-request.ts";
import { Failure } from "./failure.ts";

/** The answer's JSON. @throws Failure with the server's own words where it refuses */
export async function askAdmin<T extends object>(
  { url, token }: { readonly url: string; readonly token: string },
  request: AdminRequest,
): Promise<T> {
  const response = await adminRequest(url, token, request);
  const body = (await response.json().catch(() => null)) as T | Problem | null;
  if (response.ok && body !== null && !("detail" in body)) return body;
  const detail = body !== null && "detail" in body ? body.detail : "is it Faultline?";
  throw new Failure(`${url} answered ${response.status}: ${detail}`);
}
