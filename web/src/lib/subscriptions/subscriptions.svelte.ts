/** The subscriptions as the page has them, and what is done to them. A draft outlives the page: it is not lost by looking elsewhere. */
import { askWhileSeen } from "../ask-while-seen.ts";
import { deleteJson, getJson, postJson, putJson, type Answer } from "../http.ts";
import { requestKey } from "../request-key.ts";
import { session } from "../session.svelte.ts";
import { bodyOf, draftOf, newDraft, webhookSecret, type SubscriptionDraft } from "./subscription-draft.ts";
import { problemsOf, type SubscriptionProblems } from "./subscription-problems.ts";
import type { MessageLogItem } from "../../../../domain/delivery.ts";
import type { Page } from "../../../../domain/resource.ts";
import type { SendOutcome } from "../../../../domain/subscriber.ts";
import type { SubscriptionList } from "../../../../domain/subscription-list.ts";
import type { SubscriptionItem } from "../../../../domain/subscription.ts";

const READ_EVERY_MS = 5_000;
const LOG_PAGE = 20;
const PATH = "/v1/subscriptions";

/** What came of a sample that was sent: null while it is on its way. */
export interface Tried {
  readonly id: string;
  readonly answer: Answer<SendOutcome> | null;
}

class SubscriptionsStore {
  /** By name; null before they were read. */
  items: readonly SubscriptionItem[] | null = $state.raw(null);
  /** Why they could not be read. */
  trouble: string | null = $state(null);
  /** What the server needs before one can be saved; null where it has it. */
  no_key: string | null = $state(null);
  draft: SubscriptionDraft | null = $state.raw(null);
  /** Of the draft as it was when somebody last wanted to save it. */
  problems: SubscriptionProblems = $state.raw({});
  saving = $state(false);
  /** Why the draft, or a deletion, was refused. */
  refused: string | null = $state(null);
  /** What the draft changes was changed by somebody else since. */
  outdated = $state(false);
  /** The one that is to be changed is not there. */
  missing = $state(false);
  tried: Tried | null = $state.raw(null);
  /** Messages of the one whose log is open, newest first; null before they were read. */
  log: readonly MessageLogItem[] | null = $state.raw(null);
  log_next: string | null = $state(null);
  log_trouble: string | null = $state(null);
  #draft_of: string | null = null;
  #log_of: string | null = null;
  /** Of a new one, as long as it is filled in: that an answer did not come does not make it two. */
  #key = "";

  /** Reads again and again, until the returned function is called. */
  follow(): () => void {
    return askWhileSeen(() => this.load(), READ_EVERY_MS);
  }

  async load(): Promise<void> {
    const answer = await getJson<SubscriptionList>(PATH);
    this.trouble = answer.ok ? null : answer.detail;
    if (answer.ok) {
      this.items = answer.value.items.toSorted((a, b) => a.name.localeCompare(b.name));
      this.no_key = answer.value.no_key;
    }
    if (this.#log_of !== null) await this.#readNewest(this.#log_of);
  }

  /** `wanted`: an id, `new`, or null for none. A draft of the same is gone on with. Call it once `items` are read. */
  edit(wanted: string | null): void {
    if (wanted === this.#draft_of) return;
    this.#draft_of = wanted;
    this.#clear();
    if (wanted === null) this.draft = null;
    else if (wanted === "new") {
      this.#key = requestKey();
      this.draft = newDraft(webhookSecret(crypto.getRandomValues(new Uint8Array(32))));
    } else this.#begin(wanted);
  }

  #begin(id: string): void {
    const item = this.items?.find((one) => one.id === id);
    this.missing = item === undefined;
    this.draft = item === undefined ? null : draftOf(item);
  }

  /** What was typed gives way to the subscription as it is by now. */
  beginAnew(): void {
    const id = this.draft?.id ?? null;
    if (id === null) return;
    this.#clear();
    this.#begin(id);
  }

  #clear(): void {
    this.refused = null;
    this.outdated = false;
    this.missing = false;
    this.problems = {};
  }

  /** What was marked wrong is judged again with each change, so that its mark goes as soon as it is right. */
  change(part: Partial<SubscriptionDraft>): void {
    if (this.draft === null) return;
    this.draft = { ...this.draft, ...part };
    if (Object.keys(this.problems).length > 0) this.problems = problemsOf(this.draft);
  }

  /** The id of what is saved; null where it is wrong, or was refused. */
  async save(): Promise<string | null> {
    const { draft } = this;
    if (draft === null || this.saving) return null;
    this.#clear();
    this.problems = problemsOf(draft);
    if (Object.keys(this.problems).length > 0) return null;
    this.saving = true;
    const answer = await this.#send(draft);
    this.saving = false;
    if (!answer.ok) {
      this.#refuse(answer);
      this.outdated = answer.status === 412;
      return null;
    }
    this.draft = null;
    this.#draft_of = null;
    this.tried = null;
    await this.load();
    return answer.value.id;
  }

  #send(draft: SubscriptionDraft): Promise<Answer<SubscriptionItem>> {
    if (draft.id === null) return postJson<SubscriptionItem>(PATH, bodyOf(draft), { "Idempotency-Key": this.#key });
    // The one that the draft began with: the list may have a newer one by now, which nobody has seen in the form.
    return putJson<SubscriptionItem>(`${PATH}/${draft.id}`, bodyOf(draft), { "If-Match": `"${draft.revision}"` });
  }

  /** False where it was refused. */
  async remove(id: string): Promise<boolean> {
    const answer = await deleteJson<null>(`${PATH}/${id}`);
    this.#clear();
    if (answer.ok) {
      this.draft = null;
      this.#draft_of = null;
    } else this.#refuse(answer);
    await this.load();
    return answer.ok;
  }

  #refuse({ status, detail }: { readonly status: number; readonly detail: string }): void {
    this.refused = detail;
    if (status === 401) void session.check();
  }

  async sendTest(id: string): Promise<void> {
    if (this.tried?.id === id && this.tried.answer === null) return;
    this.tried = { id, answer: null };
    const answer = await postJson<SendOutcome>(`${PATH}/${id}/test`, {});
    if (this.tried?.id === id) this.tried = { id, answer };
    await this.load();
  }

  async sendAgain(id: string, message_id: string): Promise<void> {
    this.tried = { id, answer: null };
    const answer = await postJson<SendOutcome>(`${PATH}/${id}/deliveries/${message_id}/redeliver`, {});
    if (this.tried?.id === id) this.tried = { id, answer };
    await this.load();
  }

  /** `wanted`: whose log is open; null: nobody's. */
  openLog(wanted: string | null): void {
    if (wanted === this.#log_of) return;
    this.#log_of = wanted;
    this.log = null;
    this.log_next = null;
    this.log_trouble = null;
    if (wanted !== null) void this.#readNewest(wanted);
  }

  async readOlder(): Promise<void> {
    const id = this.#log_of;
    if (id === null || this.log_next === null) return;
    const answer = await this.#readLog(id, `&cursor=${encodeURIComponent(this.log_next)}`);
    if (!answer.ok || id !== this.#log_of) return;
    this.log = [...(this.log ?? []), ...answer.value.items];
    this.log_next = answer.value.next;
  }

  /** The newest take the place of those that are held; older ones that were read stay. */
  async #readNewest(id: string): Promise<void> {
    const answer = await this.#readLog(id, "");
    if (!answer.ok || id !== this.#log_of) return;
    const newest = answer.value.items;
    const known = new Set(newest.map(({ message_id }) => message_id));
    const older = (this.log ?? []).slice(LOG_PAGE).filter(({ message_id }) => !known.has(message_id));
    this.log = [...newest, ...older];
    if (older.length === 0) this.log_next = answer.value.next;
  }

  async #readLog(id: string, cursor: string): Promise<Answer<Page<MessageLogItem>>> {
    const answer = await getJson<Page<MessageLogItem>>(`${PATH}/${id}/deliveries?limit=${LOG_PAGE}${cursor}`);
    if (id === this.#log_of) this.log_trouble = answer.ok ? null : answer.detail;
    return answer;
  }
}

export const subscriptions = new SubscriptionsStore();
