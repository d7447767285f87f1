/**
 * The settings document that holds, and the way to the services whose settings it changes: what has to be told is stored with
 * the document, and taken away when the service has it. A service that was told already ignores what is not newer.
 */
import type { MonitorPort } from "../domain/fleet.ts";
import { resolveSettings, type SettingsDocument } from "../domain/settings-document.ts";
import type { VersionedSettings } from "../domain/settings.ts";
import { RetriedPass } from "./retried-pass.ts";
import { numberOf, textOf } from "./sql-row.ts";
import type { Storage } from "./storage.ts";
import { type Later, tellServices } from "./tell-services.ts";

/** Services told between two looks at the storage. */
const ROWS_MAX = 500;

const SCHEMA = [
  // settings: the newest document. version: as in D1; document: JSON of SettingsDocument. One row.
  `CREATE TABLE IF NOT EXISTS settings (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL,
     document TEXT NOT NULL)`,
  // settings_outbox: services that have yet to hear of a change, at most one row each. version: of the newest change.
  "CREATE TABLE IF NOT EXISTS settings_outbox (service TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID",
];

export interface FleetSettingsPorts {
  readonly storage: Storage;
  readonly now: () => number;
  readonly monitors: Pick<MonitorPort, "takeSettings">;
  readonly later: Later;
}

export class FleetSettings {
  readonly #ports: FleetSettingsPorts;
  readonly #pass: RetriedPass;
  #version: number;
  #document: SettingsDocument;
  #is_pending: boolean;

  constructor(ports: FleetSettingsPorts) {
    this.#ports = ports;
    this.#pass = new RetriedPass(ports.now);
    const { storage } = ports;
    for (const statement of SCHEMA) storage.exec(statement);
    const row = storage.exec("SELECT version, document FROM settings WHERE id = 1")[0];
    this.#version = row === undefined ? 0 : numberOf(row, "version");
    this.#document = row === undefined ? {} : (JSON.parse(textOf(row, "document")) as SettingsDocument);
    this.#is_pending = this.#rowsAfter("", 1).length > 0;
  }

  /** How many services there may be; null where the document does not say. */
  get services_max(): number | null {
    return this.#document.services_max ?? null;
  }

  of(service: string): VersionedSettings {
    return { version: this.#version, settings: resolveSettings(this.#document, service) };
  }

  /**
   * Takes over a document, unless the one it has is as new, and notes which of the services have to hear of it: those for whom
   * something changes. All of it is stored when this returns. False when nothing was taken.
   */
  put(version: number, document: SettingsDocument, services: readonly string[]): boolean {
    if (version <= this.#version) return false;
    const changed = services.filter(
      (service) =>
        JSON.stringify(resolveSettings(document, service)) !== JSON.stringify(resolveSettings(this.#document, service)),
    );
    const { storage } = this.#ports;
    storage.transaction(() => {
      storage.exec(
        `INSERT INTO settings (id, version, document) VALUES (1, ?, ?)
           ON CONFLICT (id) DO UPDATE SET version = excluded.version, document = excluded.document`,
        version,
        JSON.stringify(document),
      );
      const query = `INSERT INTO settings_outbox (service, version) VALUES (?, ?)
        ON CONFLICT (service) DO UPDATE SET version = excluded.version`;
      for (const service of changed) storage.exec(query, service, version);
    });
    this.#version = version;
    this.#document = document;
    if (changed.length > 0) {
      this.#is_pending = true;
      this.#pass.hasten();
    }
    return true;
  }

  /** When services are to be told; null when none waits. Never before a pass under way is over. */
  due(): number | null {
    return this.#is_pending ? this.#pass.due() : null;
  }

  /** Tells every service that waits, each once; resolves when all were tried. Never rejects. Single flight. */
  async push(): Promise<void> {
    if ((this.due() ?? Infinity) > this.#ports.now()) return;
    const failed = (error: unknown): void =>
      console.error("settings could not be handed to the services and will be again", error);
    await this.#pass.run(async () => (await this.#tellAll()) === 0, failed);
  }

  /** How many could not be told. */
  async #tellAll(): Promise<number> {
    const { storage, later, monitors } = this.#ports;
    let failed = 0;
    for (
      let rows = this.#rowsAfter("", ROWS_MAX);
      rows.length > 0;
      rows = this.#rowsAfter(rows.at(-1)!.service, ROWS_MAX)
    ) {
      const services = rows.map(({ service }) => service);
      const lost = await tellServices(services, later, (service) => monitors.takeSettings(service, this.of(service)));
      failed += lost.size;
      storage.transaction(() => {
        const query = "DELETE FROM settings_outbox WHERE service = ? AND version = ?";
        // A row that a newer version has taken over meanwhile stays: the service may have heard of the older one.
        for (const { service, version } of rows) if (!lost.has(service)) storage.exec(query, service, version);
      });
    }
    this.#is_pending = this.#rowsAfter("", 1).length > 0;
    return failed;
  }

  #rowsAfter(after: string, limit: number): { readonly service: string; readonly version: number }[] {
    const query = "SELECT service, version FROM settings_outbox WHERE service > ? ORDER BY service LIMIT ?";
    const rows = this.#ports.storage.exec(query, after, limit);
    return rows.map((row) => ({ service: textOf(row, "service"), version: numberOf(row, "version") }));
  }
}
