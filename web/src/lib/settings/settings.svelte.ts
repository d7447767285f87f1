/** The settings document as the page has it, and what is being changed in it. It outlives the page: a draft is not lost by looking elsewhere. */
import { SvelteMap } from "svelte/reactivity";
import { getJson, postJson, putJson, type Answer } from "../http.ts";
import { problemsOf, type FieldProblems } from "./settings-problems.ts";
import {
  changedFields,
  inheritedBy,
  isSameValue,
  ownPatch,
  rebase,
  withDraft,
  type Draft,
  type FieldName,
  type Inherited,
} from "./settings-edit.ts";
import type { SettingsTarget } from "./settings-target.ts";
import type { Page, ServiceSettingsItem, SettingsVersion } from "../../../../domain/resource.ts";
import { resolveSettings, type SettingsDocument } from "../../../../domain/settings-document.ts";
import type { SettingsPreview } from "../../../../domain/settings-preview.ts";

const HISTORY_PAGE = 20;
/** A saved version reaches a service within a second where all is well: for so long it is looked for, each half second. */
const IN_FORCE_LOOKS = 30;
const LOOK_EVERY_MS = 500;

/** What was tried: `document` as it was then, so that a later change shows it to be of before. */
export interface Tried {
  readonly service: string;
  readonly document: string;
  readonly answer: Answer<SettingsPreview> | null;
}

/** What was saved; `service` judges by it from when `in_force` is true on; null where none was asked. */
export interface Saved {
  readonly version: number;
  readonly service: string | null;
  readonly in_force: boolean;
}

class SettingsStore {
  base: SettingsVersion | null = $state.raw(null);
  /** The newest first. */
  history: readonly SettingsVersion[] = $state.raw([]);
  history_next: string | null = $state(null);
  /** Why the settings, or their history, could not be read. */
  trouble: string | null = $state(null);
  /** Why they could not be saved. */
  refused: string | null = $state(null);
  /** Somebody saved this one while a draft of an older one was made. */
  newer: SettingsVersion | null = $state.raw(null);
  /** Changed on both sides; the draft has its own value. */
  conflicts: readonly FieldName[] = $state.raw([]);
  saving = $state(false);
  saved: Saved | null = $state.raw(null);
  tried: Tried | null = $state.raw(null);
  /** Grows when fields have to show what is held rather than what was typed. */
  turn = $state(0);
  target: SettingsTarget = $state.raw({ match: null });
  readonly #drafts = new SvelteMap<string, Draft>();

  readonly document: SettingsDocument = $derived(this.base?.document ?? {});
  readonly own: Draft = $derived(ownPatch(this.document, this.target));
  readonly draft: Draft = $derived(this.#drafts.get(keyOf(this.target)) ?? this.own);
  readonly inherited: Inherited = $derived(inheritedBy(this.document, this.target));
  readonly changed: readonly FieldName[] = $derived(changedFields(this.own, this.draft));
  readonly problems: FieldProblems = $derived(problemsOf(this.draft));
  /** The document as it would be saved. */
  readonly wanted: unknown = $derived(withDraft(this.document, this.target, this.draft));
  readonly isWrong: boolean = $derived(Object.keys(this.problems).length > 0);

  choose(target: SettingsTarget): void {
    if (target.match === this.target.match) return;
    this.target = target;
    this.refused = null;
    this.conflicts = [];
    this.saved = null;
    this.tried = null;
    this.turn += 1;
  }

  /** Reads the newest version where none is held, or no draft was begun: what somebody is changing is changed by nobody else. */
  async load(): Promise<void> {
    const [settings, history] = await Promise.all([
      getJson<SettingsVersion>("/v1/settings"),
      getJson<Page<SettingsVersion>>(`/v1/settings/history?limit=${HISTORY_PAGE}`),
    ]);
    this.trouble = settings.ok ? (history.ok ? null : history.detail) : settings.detail;
    if (settings.ok) this.#takeBase(settings.value);
    if (history.ok) this.#takeHistory(history.value, []);
  }

  async readOlder(): Promise<void> {
    const path = `/v1/settings/history?limit=${HISTORY_PAGE}&cursor=${this.history_next ?? ""}`;
    const answer = await getJson<Page<SettingsVersion>>(path);
    this.trouble = answer.ok ? null : answer.detail;
    if (answer.ok) this.#takeHistory(answer.value, this.history);
  }

  set(name: FieldName, value: unknown): void {
    this.#drafts.set(keyOf(this.target), { ...this.draft, [name]: value });
    this.saved = null;
  }

  /** The field is set here no longer: what is inherited holds. */
  inherit(name: FieldName): void {
    const { [name]: _, ...rest } = this.draft;
    this.#drafts.set(keyOf(this.target), rest);
    this.saved = null;
  }

  discard(): void {
    this.#drafts.delete(keyOf(this.target));
    this.refused = null;
    this.conflicts = [];
    this.tried = null;
    this.turn += 1;
  }

  async tryOn(service: string): Promise<void> {
    const document = JSON.stringify(this.wanted);
    this.tried = { service, document, answer: null };
    const settings = resolveSettings(this.wanted as SettingsDocument, service);
    const path = `/v1/services/${encodeURIComponent(service)}/settings/preview`;
    const answer = await postJson<SettingsPreview>(path, settings);
    // Something else may have been tried meanwhile.
    if (this.tried?.document === document && this.tried.service === service) {
      this.tried = { service, document, answer };
    }
  }

  /** @param service whose judging by what is saved is waited for; null: none */
  async save(service: string | null): Promise<void> {
    if (this.saving || this.base === null) return;
    this.saving = true;
    this.refused = null;
    const { target, base } = this;
    const answer = await putJson<SettingsVersion>("/v1/settings", this.wanted, { "If-Match": `"${base.version}"` });
    this.saving = false;
    if (!answer.ok) {
      this.refused = answer.detail;
      if (answer.status === 412) await this.#findNewer();
      return;
    }
    this.#drafts.delete(keyOf(target));
    this.conflicts = [];
    this.base = answer.value;
    this.turn += 1;
    this.saved = { version: answer.value.version, service, in_force: false };
    await this.load();
    if (service !== null) await this.#awaitInForce(service, answer.value);
  }

  /** Goes on from the newer version, with what was changed here. */
  bringIn(): void {
    const { newer } = this;
    if (newer === null || this.base === null) return;
    const { draft, conflicts } = rebase(this.own, this.draft, ownPatch(newer.document, this.target));
    this.#drafts.set(keyOf(this.target), draft);
    this.base = newer;
    this.newer = null;
    this.refused = null;
    this.conflicts = conflicts;
    this.turn += 1;
  }

  async #findNewer(): Promise<void> {
    const answer = await getJson<SettingsVersion>("/v1/settings");
    if (answer.ok) this.newer = answer.value;
  }

  #takeBase(read: SettingsVersion): void {
    if (this.base === null || this.changed.length === 0) {
      if (this.base?.version !== read.version) this.turn += 1;
      this.base = read;
      this.newer = null;
    } else if (read.version > this.base.version) this.newer = read;
  }

  #takeHistory(page: Page<SettingsVersion>, before: readonly SettingsVersion[]): void {
    this.history = [...before, ...page.items];
    this.history_next = page.next;
  }

  async #awaitInForce(service: string, { version, document }: SettingsVersion): Promise<void> {
    const expected = resolveSettings(document, service);
    for (let look = 0; look < IN_FORCE_LOOKS && this.saved?.version === version; look += 1) {
      const answer = await getJson<ServiceSettingsItem>(`/v1/services/${encodeURIComponent(service)}/settings`);
      if (answer.ok && isSameValue(answer.value.settings, expected)) {
        if (this.saved?.version === version) this.saved = { version, service, in_force: true };
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }
}

function keyOf({ match }: SettingsTarget): string {
  return match ?? "*";
}

export const settingsStore = new SettingsStore();
