/** What the connect page asks the server while it waits for the first event. */
import { getJson, postJson } from "../http.ts";
import type { Rejection } from "../../../../domain/rejection.ts";
import type { Page } from "../../../../domain/resource.ts";

/** Somebody changes a command and tries again: what was wrong must be there when they look back. */
const LOOK_EVERY_MS = 2000;

export class FirstUseView {
  rejections: readonly Rejection[] = $state.raw([]);
  /** Since when it waits, epoch ms by the browser's clock. */
  readonly since_ms = Date.now();

  /** Looks until the returned function is called. */
  follow(): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    const look = async () => {
      const answer = await getJson<Page<Rejection>>("/v1/rejections");
      if (answer.ok) this.rejections = answer.value.items;
      if (!over) timer = setTimeout(() => void look(), LOOK_EVERY_MS);
    };
    void look();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }
}

/** The ingest token, for an administrator; each time it is asked for stands in the audit log. */
export async function askIngestToken(): Promise<{ readonly token: string } | { readonly trouble: string }> {
  const answer = await postJson<{ readonly token: string }>("/v1/ingest-token", {});
  return answer.ok ? answer.value : { trouble: answer.detail };
}
