/** The silences as the page has them, and what is done to them. A draft outlives the page: it is not lost by looking elsewhere. */
import { askWhileSeen } from "../ask-while-seen.ts";
import { deleteJson, getJson, postJson, putJson, type Answer } from "../http.ts";
import { requestKey } from "../request-key.ts";
import { session } from "../session.svelte.ts";
import { bodyOf, draftOf, newDraft, problemsOf, type SilenceDraft, type SilenceProblems } from "./silence-draft.ts";
import { silenceCount } from "./silence-count.svelte.ts";
import type { SilenceWanted } from "./silence-link.ts";
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
  /** Which one is being ended or made longer. */
  acting: string | null = $state(null);
  /** Why the newest act was refused. */
  refused: string | null = $state(null);
  /** What the draft changes was changed by somebody else since. */
  outdated = $state(false);
  /** The one that is to be changed has ended, or never was. */
  missing = $state(false);
  #draft_of = "";
  /** Of a new one, as long as it is filled in: that an answer did not come does not make it two. */
  #key = "";

  /** Reads again and again, until the returned function is called. */
  follow(): () => void {
    return askWhileSeen(() => this.load(), READ_EVERY_MS);
  }

  async load(): Promise<void> {
    const answer = await getJson<Page<Silence>>(PATH);
    this.trouble = answer.ok ? null : answer.detail;
    if (answer.ok) this.items = answer.value.items;
  }

  /** Null: nothing is filled in. A draft of the same is gone on with. Call it once `items` are read. */
  edit(wanted: SilenceWanted | null, zone: string): void {
    const draft_of = wanted === null ? "" : JSON.stringify(wanted);
    if (draft_of === this.#draft_of) return;
    this.#draft_of = draft_of;
    this.refused = null;
    this.outdated = false;
    this.missing = false;
    this.problems = {};
    this.#key = requestKey();
    if (wanted?.kind !== "change") this.draft = wanted === null ? null : newDraft(wanted.prefill, zone);
    else this.#begin(wanted.id, zone);
  }

  #begin(id: string, zone: string): void {
    const silence = this.items?.find((one) => one.id === id);
    this.missing = silence === undefined;
    this.draft = silence === undefined ? null : draftOf(silence, zone);
  }

  /** What was typed gives way to the silence as it is by now. */
  beginAnew(zone: string): void {
    const id = this.draft?.stored?.id;
    if (id === undefined) return;
    this.refused = null;
    this.outdated = false;
    this.problems = {};
    this.#begin(id, zone);
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
    this.outdated = false;
    this.problems = problemsOf(draft, now_ms);
    if (Object.keys(this.problems).length > 0) return false;
    this.saving = true;
    const { stored } = draft;
    const body = bodyOf(draft, now_ms);
    const answer =
      stored === null
        ? await postJson<Silence>(PATH, body, { "Idempotency-Key": this.#key })
        : await this.#put(stored, body);
    this.saving = false;
    if (answer.ok) {
      this.draft = null;
      this.#draft_of = "";
    } else {
      this.#refuse(answer);
      this.outdated = answer.status === 412;
    }
    await this.#readAll();
    return answer.ok;
  }

  end({ id }: Silence): Promise<void> {
    return this.#act(id, () => deleteJson<null>(`${PATH}/${encodeURIComponent(id)}`));
  }

  /** It ends so much later than it would. */
  extend(silence: Silence, by_ms: number): Promise<void> {
    const { id, revision: _revision, created_at: _at, created_by: _by, ...wish } = silence;
    const ends_at = new Date(Date.parse(silence.ends_at) + by_ms).toISOString();
    return this.#act(id, () => this.#put(silence, { ...wish, ends_at }));
  }

  async #act(id: string, ask: () => Promise<Answer<unknown>>): Promise<void> {
    if (this.acting !== null) return;
    this.acting = id;
    this.refused = null;
    const answer = await ask();
    if (!answer.ok) this.#refuse(answer);
    await this.#readAll();
    this.acting = null;
  }

  #put({ id, revision }: Silence, body: unknown): Promise<Answer<Silence>> {
    return putJson<Silence>(`${PATH}/${encodeURIComponent(id)}`, body, { "If-Match": `"${revision}"` });
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
