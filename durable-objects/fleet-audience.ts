/**
 * Who hears of incidents, and when nobody does: copies of what D1 holds (worker/audience-store.ts), so that a service learns its
 * audience in one call. Each subscription's object has to know its own: what it has yet to hear is stored with the change, and taken
 * away when the object has it. An object that was told already ignores what is not newer.
 */
import { isMatch } from "../domain/name-pattern.ts";
import type { Silence } from "../domain/silencing.ts";
import type { Audience, AudienceChange, SubscriptionPort } from "../domain/subscriber.ts";
import type { StoredSubscription } from "../domain/subscription.ts";
import { RetriedPass } from "./retried-pass.ts";
import { numberOf, textOf, textOrNullOf } from "./sql-row.ts";
import type { Storage } from "./storage.ts";
import { type Later, tellInTurns } from "./tell-services.ts";

/** Looked at in one pass: some more than there may be, since removals wait among them. */
const SUBSCRIPTION_ROWS_MAX = 5_000;
/** Services whose subscriptions are remembered: more than may be admitted by default. */
const REMEMBERED_MAX = 5_000;
/** A change that is on its way when its subject is removed arrives within seconds. */
const REMOVED_KEPT_MS = 24 * 60 * 60_000;

const SCHEMA = [
  // subscriptions: what the Worker handed over, as many as it lets be. document: JSON of StoredSubscription; null: removed, and
  // kept until removed_ms + 24 h, so that an older change that comes late does not bring it back.
  `CREATE TABLE IF NOT EXISTS subscriptions (id TEXT PRIMARY KEY, revision INTEGER NOT NULL, document TEXT, removed_ms INTEGER)
     WITHOUT ROWID`,
  // subscription_outbox: subscriptions whose objects have yet to hear of a change, at most one row each.
  "CREATE TABLE IF NOT EXISTS subscription_outbox (id TEXT PRIMARY KEY, revision INTEGER NOT NULL) WITHOUT ROWID",
  // silences: likewise. document: JSON of Silence; ends_ms: when it ends, or was removed.
  `CREATE TABLE IF NOT EXISTS silences (id TEXT PRIMARY KEY, revision INTEGER NOT NULL, document TEXT, ends_ms INTEGER NOT NULL)
     WITHOUT ROWID`,
];

export interface FleetAudiencePorts {
  readonly storage: Storage;
  readonly now: () => number;
  readonly subscription: (id: string) => Pick<SubscriptionPort, "configure" | "remove">;
  readonly later: Later;
}

interface KnownSilence {
  readonly silence: Silence;
  readonly ends_ms: number;
}

/** What storage holds, as it is asked for. */
interface Known {
  readonly revisions: ReadonlyMap<string, number>;
  /** Names and patterns of each; the rest, which may be large, stays in storage. */
  readonly patterns: ReadonlyMap<string, readonly string[]>;
  readonly silences: readonly KnownSilence[];
  /** When the first row here has outlived its use (ms); null without one. */
  readonly expiry_ms: number | null;
}

export class FleetAudience {
  readonly #ports: FleetAudiencePorts;
  readonly #pass: RetriedPass;
  /** Null where storage has to be read. */
  #known: Known | null = null;
  /** By service: which subscriptions it belongs to. Patterns are looked at once for each service and change. */
  readonly #ids = new Map<string, readonly string[]>();
  /** Whether an object may have something to hear. */
  #is_pending: boolean;

  constructor(ports: FleetAudiencePorts) {
    this.#ports = ports;
    this.#pass = new RetriedPass(ports.now);
    for (const statement of SCHEMA) ports.storage.exec(statement);
    this.#is_pending = this.#waiting(1).length > 0;
  }

  of(service: string): Audience {
    const known = this.#load();
    let subscription_ids = this.#ids.get(service);
    if (subscription_ids === undefined) {
      const all = [...known.patterns];
      subscription_ids = all.filter(([, patterns]) => fits(patterns, service)).map(([id]) => id);
      if (this.#ids.size >= REMEMBERED_MAX) this.#ids.clear();
      this.#ids.set(service, subscription_ids);
    }
    return { subscription_ids, silences: this.silences().filter(({ services }) => fits(services, service)) };
  }

  /** Those that have not ended. */
  silences(): readonly Silence[] {
    const now_ms = this.#ports.now();
    return this.#load()
      .silences.filter(({ ends_ms }) => ends_ms > now_ms)
      .map(({ silence }) => silence);
  }

  /** Takes over what is newer than what is known; all of it is stored when this returns. */
  take(changes: readonly AudienceChange[]): void {
    const { revisions } = this.#load();
    const { storage } = this.#ports;
    // Where it is durable and yet throws, storage is what counts, and it may have something to tell.
    this.#forget();
    this.#is_pending = true;
    this.#pass.hasten();
    storage.transaction(() => {
      const taken = new Map(revisions);
      for (const change of changes) {
        const { id, revision } = subjectOf(change);
        if ((taken.get(id) ?? -1) >= revision) continue;
        taken.set(id, revision);
        this.#save(change);
      }
    });
  }

  #save(change: AudienceChange): void {
    const { storage } = this.#ports;
    const now_ms = this.#ports.now();
    const { id, revision } = subjectOf(change);
    if (change.kind === "silence" || change.kind === "no_silence") {
      const [document, ends_ms] =
        change.kind === "silence"
          ? [JSON.stringify(change.silence), Date.parse(change.silence.ends_at)]
          : [null, now_ms];
      storage.exec(
        `INSERT INTO silences (id, revision, document, ends_ms) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
           revision = excluded.revision, document = excluded.document, ends_ms = excluded.ends_ms`,
        id,
        revision,
        document,
        ends_ms,
      );
      return;
    }
    const document = change.kind === "subscription" ? JSON.stringify(change.subscription) : null;
    storage.exec(
      `INSERT INTO subscriptions (id, revision, document, removed_ms) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
         revision = excluded.revision, document = excluded.document, removed_ms = excluded.removed_ms`,
      id,
      revision,
      document,
      document === null ? now_ms : null,
    );
    storage.exec(
      `INSERT INTO subscription_outbox (id, revision) VALUES (?, ?)
         ON CONFLICT (id) DO UPDATE SET revision = excluded.revision`,
      id,
      revision,
    );
  }

  /** When objects are to be told; null when none waits. Never before a pass under way is over. */
  due(): number | null {
    return this.#is_pending ? this.#pass.due() : null;
  }

  /** Tells every object that waits, each once; resolves when all were tried. Never rejects. Single flight. */
  async push(): Promise<void> {
    if ((this.due() ?? Infinity) > this.#ports.now()) return;
    const failed = (error: unknown): void =>
      console.error("subscriptions could not be handed to their objects and will be again", error);
    await this.#pass.run(async () => (await this.#tellAll()) === 0, failed);
  }

  /** How many could not be told. */
  async #tellAll(): Promise<number> {
    const { storage, later } = this.#ports;
    const rows = this.#waiting(SUBSCRIPTION_ROWS_MAX);
    const revisions = new Map(rows.map(({ id, revision }) => [id, revision]));
    const tell = (id: string): Promise<void> => this.#tell(id, revisions.get(id)!);
    const lost = await tellInTurns([...revisions.keys()], later, tell, "subscriptions");
    storage.transaction(() => {
      const query = "DELETE FROM subscription_outbox WHERE id = ? AND revision = ?";
      // A row that a newer change has taken over meanwhile stays: the object may have heard of the older one.
      for (const { id, revision } of rows) if (!lost.has(id)) storage.exec(query, id, revision);
    });
    this.#is_pending = this.#waiting(1).length > 0;
    return lost.size;
  }

  async #tell(id: string, revision: number): Promise<void> {
    const row = this.#ports.storage.exec("SELECT document FROM subscriptions WHERE id = ?", id)[0];
    const document = row === undefined ? null : textOrNullOf(row, "document");
    const object = this.#ports.subscription(id);
    await (document === null ? object.remove(revision) : object.configure(JSON.parse(document) as StoredSubscription));
  }

  #waiting(limit: number): { readonly id: string; readonly revision: number }[] {
    const rows = this.#ports.storage.exec("SELECT id, revision FROM subscription_outbox ORDER BY id LIMIT ?", limit);
    return rows.map((row) => ({ id: textOf(row, "id"), revision: numberOf(row, "revision") }));
  }

  /** When the first thing here has outlived its use (ms); null when there is none. */
  expiry(): number | null {
    return this.#load().expiry_ms;
  }

  /** Inside the caller's transaction: forgets silences that ended and removals that every latecomer has been told of. */
  prune(now_ms: number): void {
    const { storage } = this.#ports;
    this.#forget();
    storage.exec("DELETE FROM silences WHERE ends_ms <= ?", now_ms - REMOVED_KEPT_MS);
    storage.exec(
      `DELETE FROM subscriptions WHERE removed_ms <= ? AND id NOT IN (SELECT id FROM subscription_outbox)`,
      now_ms - REMOVED_KEPT_MS,
    );
  }

  #forget(): void {
    this.#known = null;
    this.#ids.clear();
  }

  #load(): Known {
    this.#known ??= readKnown(this.#ports.storage);
    return this.#known;
  }
}

function subjectOf(change: AudienceChange): { readonly id: string; readonly revision: number } {
  switch (change.kind) {
    case "subscription":
      return change.subscription;
    case "silence":
      return change.silence;
    case "no_subscription":
    case "no_silence":
      return change;
  }
}

function fits(patterns: readonly string[], service: string): boolean {
  return patterns.some((pattern) => isMatch(pattern, service));
}

function readKnown(storage: Storage): Known {
  const revisions = new Map<string, number>();
  const patterns = new Map<string, readonly string[]>();
  const expiries: number[] = [];
  const query = `SELECT id, revision, document ->> '$.wish.services' AS services, removed_ms FROM subscriptions ORDER BY id`;
  for (const row of storage.exec(query)) {
    const [id, services] = [textOf(row, "id"), textOrNullOf(row, "services")];
    revisions.set(id, numberOf(row, "revision"));
    if (services === null) expiries.push(numberOf(row, "removed_ms") + REMOVED_KEPT_MS);
    else patterns.set(id, JSON.parse(services) as string[]);
  }
  const silences: KnownSilence[] = [];
  for (const row of storage.exec("SELECT id, revision, document, ends_ms FROM silences ORDER BY id")) {
    const [document, ends_ms] = [textOrNullOf(row, "document"), numberOf(row, "ends_ms")];
    revisions.set(textOf(row, "id"), numberOf(row, "revision"));
    expiries.push(ends_ms + REMOVED_KEPT_MS);
    if (document !== null) silences.push({ silence: JSON.parse(document) as Silence, ends_ms });
  }
  return { revisions, patterns, silences, expiry_ms: expiries.length === 0 ? null : Math.min(...expiries) };
}
