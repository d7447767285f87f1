/** What has to change so that a running Faultline is as a file says. */
import type { ConfigFile } from "../../domain/config-file.ts";
import type { SettingsVersion } from "../../domain/resource.ts";
import type { SettingsDocument } from "../../domain/settings-document.ts";
import type { AsCode, AsCodeAnswer, AsCodeBody, AsCodeChange } from "../../domain/subscriptions-as-code.ts";
import { adminRequest } from "../admin-request.ts";
import { askAdmin } from "../admin-answer.ts";
import { type DocumentChange, documentChanges } from "./document-changes.ts";

export const AS_CODE_PATH = "/v1/subscriptions-as-code";

export interface SettingsPlan {
  /** The version in force, which the change is of. */
  readonly version: number;
  readonly document: SettingsDocument;
  readonly changes: readonly DocumentChange[];
}

export interface ConfigPlan {
  /** Null where the file has no settings. */
  readonly settings: SettingsPlan | null;
  /** Of subscriptions and silences, those that stay as they are among them. */
  readonly changes: readonly AsCodeChange[];
  /** Something is stored that does not hold yet: the Fleet did not answer whoever stored it. */
  readonly is_pending: boolean;
  /** What is stored now, secrets by name; null where nothing has to be compared, or the server cannot tell. */
  readonly stored: AsCode | null;
}

export interface Server {
  readonly url: string;
  readonly token: string;
}

/** @throws Failure where the server cannot be asked, or finds the file wrong */
export async function planConfig(server: Server, config: ConfigFile, body: AsCodeBody): Promise<ConfigPlan> {
  const settings = config.settings === null ? null : await planSettings(server, config.settings);
  const { changes, is_pending } = hasCode(body) ? await sendCode(server, body, true) : NO_CODE;
  const isCompared = changes.some(({ kind }) => kind === "update");
  return { settings, changes, is_pending, stored: isCompared ? await readStored(server) : null };
}

const NO_CODE = { changes: [], is_pending: false } as const;

function hasCode({ subscriptions, silences }: AsCodeBody): boolean {
  return subscriptions !== undefined || silences !== undefined;
}

export function isToDo({ settings, ...code }: ConfigPlan): boolean {
  return (settings?.changes.length ?? 0) > 0 || isCodeToDo(code);
}

export function isCodeToDo({ changes, is_pending }: Pick<ConfigPlan, "changes" | "is_pending">): boolean {
  return is_pending || changes.some(({ kind }) => kind !== "unchanged");
}

/** A thousand subscriptions are each sealed and handed on before the answer. */
const ANSWER_MS_MAX = 60_000;

/** Gives what changed, or would. */
export function sendCode(server: Server, body: AsCodeBody, dry_run: boolean): Promise<AsCodeAnswer> {
  const content = JSON.stringify({ ...body, dry_run });
  const asked = { answer_ms_max: ANSWER_MS_MAX, is_question: dry_run };
  const request = { method: "PUT", path: AS_CODE_PATH, body: content, ...asked } as const;
  return askAdmin<AsCodeAnswer>(server, request);
}

async function planSettings(server: Server, document: SettingsDocument): Promise<SettingsPlan> {
  const now = await askAdmin<SettingsVersion>(server, { method: "GET", path: "/v1/settings" });
  return { version: now.version, document, changes: documentChanges(meant(now.document), meant(document)) };
}

/** Where editors find the schema changes nothing for a service. */
function meant(document: SettingsDocument): Omit<SettingsDocument, "$schema"> {
  const { $schema: _schema, ...rest } = document;
  return rest;
}

/** A target that was sealed with a lost key can be told of no more, but be replaced. */
async function readStored({ url, token }: Server): Promise<AsCode | null> {
  const response = await adminRequest(url, token, { method: "GET", path: AS_CODE_PATH });
  return response.ok ? await response.json<AsCode>() : null;
}
