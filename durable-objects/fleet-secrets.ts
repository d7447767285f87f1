/**
 * What the Fleet keeps by hash for a while: session codes (single use, five minutes) and idempotency keys (24 h). Codes are
 * secrets, so that only their SHA-256 is stored.
 */
import type { Role } from "../domain/resource.ts";
import { ROLES } from "../domain/resource.ts";
import { numberOf, numberOrNullOf, textOf } from "./sql-row.ts";
import type { Storage } from "./storage.ts";

const CODE_BYTES = 32;
const CODE_LIFE_MS = 5 * 60_000;
/** Beyond it the oldest code goes: whoever mints has the admin token, and a lost link is minted again. */
const CODES_MAX = 1_000;
/** 32 bytes are 43 characters of base64url; whatever is much longer is no code and not worth hashing. */
const CODE_LENGTH_MAX = 100;

const DAY_MS = 24 * 60 * 60_000;

const SCHEMA = [
  // session_codes: codes not redeemed yet, at most CODES_MAX. code_hash: SHA-256 in hex; expires_ms: receiving clock.
  `CREATE TABLE IF NOT EXISTS session_codes (code_hash TEXT PRIMARY KEY, role TEXT NOT NULL, expires_ms INTEGER NOT NULL)
     WITHOUT ROWID`,
  // idempotency_keys: keys of plain HTTP requests. day: whole days since 1970 of the claim, first in the key, so that old ones
  // are a range and need no second index; key_hash, body_hash: SHA-256 in hex; claimed_ms: receiving clock.
  `CREATE TABLE IF NOT EXISTS idempotency_keys (day INTEGER NOT NULL, key_hash TEXT NOT NULL, body_hash TEXT NOT NULL,
     claimed_ms INTEGER NOT NULL, PRIMARY KEY (day, key_hash)) WITHOUT ROWID`,
];

export class FleetSecrets {
  readonly #storage: Storage;
  readonly #random: (length: number) => Uint8Array;

  constructor(storage: Storage, random: (length: number) => Uint8Array) {
    this.#storage = storage;
    this.#random = random;
    for (const statement of SCHEMA) storage.exec(statement);
  }

  async mintCode(role: Role, now: () => number): Promise<{ readonly code: string; readonly expires_at: string }> {
    const code = base64url(this.#random(CODE_BYTES));
    const hash = await sha256(code);
    const expires_ms = now() + CODE_LIFE_MS;
    this.#storage.transaction(() => {
      this.#storage.exec(
        `DELETE FROM session_codes WHERE expires_ms <= ?1 OR code_hash IN
           (SELECT code_hash FROM session_codes ORDER BY expires_ms DESC LIMIT -1 OFFSET ?2)`,
        now(),
        CODES_MAX - 1,
      );
      const query = "INSERT INTO session_codes (code_hash, role, expires_ms) VALUES (?, ?, ?)";
      this.#storage.exec(query, hash, role, expires_ms);
    });
    return { code, expires_at: new Date(expires_ms).toISOString() };
  }

  /** The role of a code that is young and unused, else null; either way it is used now. */
  async redeemCode(code: string, now: () => number): Promise<Role | null> {
    if (code.length > CODE_LENGTH_MAX) return null;
    const hash = await sha256(code);
    // One statement looks and deletes: two requests with the same code cannot both find it.
    const query = "DELETE FROM session_codes WHERE code_hash = ? RETURNING role, expires_ms";
    const row = this.#storage.exec(query, hash)[0];
    if (row === undefined || numberOf(row, "expires_ms") <= now()) return null;
    return ROLES.find((role) => role === textOf(row, "role")) ?? null;
  }

  claimKey(key_hash: string, body_hash: string, now_ms: number): "new" | "same" | "conflict" {
    const day = Math.floor(now_ms / DAY_MS);
    const known = this.#storage.exec(
      "SELECT body_hash FROM idempotency_keys WHERE day IN (?, ?) AND key_hash = ? AND claimed_ms > ?",
      day - 1,
      day,
      key_hash,
      now_ms - DAY_MS,
    )[0];
    if (known !== undefined) return textOf(known, "body_hash") === body_hash ? "same" : "conflict";
    const query = "INSERT INTO idempotency_keys (day, key_hash, body_hash, claimed_ms) VALUES (?, ?, ?, ?)";
    this.#storage.exec(query, day, key_hash, body_hash, now_ms);
    return "new";
  }

  /** When the first thing here has outlived its use (ms); null when there is none. */
  expiry(): number | null {
    const query = `SELECT (SELECT min(expires_ms) FROM session_codes) AS code, (SELECT min(day) FROM idempotency_keys) AS day`;
    const row = this.#storage.exec(query)[0]!;
    const day = numberOrNullOf(row, "day");
    const expiries = [numberOrNullOf(row, "code"), day === null ? null : (day + 2) * DAY_MS].filter(
      (at) => at !== null,
    );
    return expiries.length === 0 ? null : Math.min(...expiries);
  }

  /** Forgets what has outlived its use, at most `limit` keys at once. */
  prune(now_ms: number, limit: number): void {
    this.#storage.exec("DELETE FROM session_codes WHERE expires_ms <= ?", now_ms);
    this.#storage.exec(
      `DELETE FROM idempotency_keys WHERE (day, key_hash) IN
         (SELECT day, key_hash FROM idempotency_keys WHERE day < ? LIMIT ?)`,
      Math.floor(now_ms / DAY_MS) - 1,
      limit,
    );
  }
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

async function sha256(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
