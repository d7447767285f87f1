/** The silences as the page has them, and what is done to them. A draft outlives the page: it is not lost by looking elsewhere. */
import { askWhileSeen } from "../ask-while-seen.ts";
import { deleteJson, getJson, postJson } from "../http.ts";
import { session } from "../session.svelte.ts";
import { bodyOf, newDraft, problemsOf, type SilenceDraft, type SilenceProblems } from "./silence-draft.ts";
import { silenceCount } from "./silence-count.svelte.ts";
import type { SilencePrefill } from "./silence-link.ts";
import type { Page } from "../../../../domain/resource.ts";
import type { Silence } from "../../../../domain/silencing.ts";

const READ_EVERY_MS = 10_000;
const PATH = "/v1/silences";

class SilencesStore {
  /** Null before they were read. */
  items: readonly Silence[] | null = $state.raw(null);
  /** Why they could not be read. */
  trouble: string | null = $state(null);
  draft: SilenceDraft | null = $state.raw(null);
  /** Of the draft as it was when somebody last wanted to save it. */
  problems: SilenceProblems = $state.raw({});
  saving = $state(false);
  /** Which one is being ended. */
  ending: string | null = $state(null);
  /** Why the newest act was refused. */
  refused: string | null = $state(null);
  #draft_of = "";

  /** Reads again and again, until the returned function is called. */
  follow(): () => void {
    return askWhileSeen(() => this.load(), READ_EVERY_MS);
  }

  async load(): Promise<void> {
    const answer = await getJson<Page<Silence>>(PATH);
    this.trouble = answer.ok ? null : answer.detail;
    if (answer.ok) this.items = answer.value.items;
  }

  /** `prefill`: what a new one begins with; null: there is none. A draft with the same beginning is gone on with. */
  edit(prefill: SilencePrefill | null, zone: string): void {
    const wanted = prefill === null ? "" : JSON.stringify(prefill);
    if (wanted === this.#draft_of) return;
    this.#draft_of = wanted;
    this.refused = null;
    this.problems = {};
    this.draft = prefill === null ? null : newDraft(prefill, zone);
  }

  /** What was marked wrong is judged again with each change, so that its mark goes as soon as it is right. */
  change(part: Partial<SilenceDraft>, now_ms: number): void {
    if (this.draft === null) return;
    this.draft = { ...this.draft, ...part };
    if (Object.keys(this.problems).length > 0) this.problems = problemsOf(this.draft, now_ms);
  }

  /** False where it is wrong, or was refused. */
  async save(now_ms: number): Promise<boolean> {
    const { draft } = this;
    if (draft === null || this.saving) return false;
    this.refused = null;
    this.problems = problemsOf(draft, now_ms);
    if (Object.keys(this.problems).length > 0) return false;
    this.saving = true;
    const answer = await postJson<Silence>(PATH, bodyOf(draft, now_ms));
    this.saving = false;
    if (answer.ok) {
      this.draft = null;
      this.#draft_of = "";
    } else this.#refuse(answer);
    await this.#readAll();
    return answer.ok;
  }

  async end(id: string): Promise<void> {
    if (this.ending !== null) return;
    this.ending = id;
    this.refused = null;
    const answer = await deleteJson<null>(`${PATH}/${encodeURIComponent(id)}`);
    if (!answer.ok) this.#refuse(answer);
    await this.#readAll();
    this.ending = null;
  }

  #refuse({ status, detail }: { readonly status: number; readonly detail: string }): void {
    this.refused = detail;
    if (status === 401) void session.check();
  }

  async #readAll(): Promise<void> {
    await Promise.all([this.load(), silenceCount.ask()]);
  }
}

export const silences = new SilencesStore();
