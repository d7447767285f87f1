/** What changed in history, pulled by whoever carries it on (bridge/publish.yaml): a Worker cannot reach into a private network. */
import { Hono } from "hono";
import * as v from "valibot";
import { SERVICE_NAME } from "../domain/event.ts";
import type { Page } from "../domain/resource.ts";
import { requireRole } from "./access.ts";
import {
  acknowledgeChanges,
  type ChangeReader,
  type ChangeTopic,
  forgetReader,
  listReaders,
  readChanges,
  READERS_MAX,
  TOPICS,
} from "./changes.ts";
import type { AppContext } from "./context.ts";
import { parseBody } from "./json-body.ts";
import { problem } from "./problem.ts";
import { limitParam, NAME_FORM, parseQuery } from "./query-params.ts";

const LIMIT_DEFAULT = 500;
/** Some 600 bytes a change: a page stays near a megabyte, which the reader holds at once. */
const LIMIT_MAX = 2_000;

/** As strict as a service's name: it stands in logs and addresses. */
const READER_RIGHT = `must be a name: ${NAME_FORM}`;
const CURSOR_RIGHT = "must be the cursor of a page of GET /v1/changes, as it was given";
const TOPICS_RIGHT = `topics: must be some of ${TOPICS.join(",")}, each once.`;

const readerParam = `reader: ${READER_RIGHT}, as in ?reader=kafka.`;

const topicsParam = v.pipe(
  v.string(),
  v.transform((list) => list.split(",")),
  v.array(v.picklist(TOPICS, TOPICS_RIGHT)),
  v.check((topics) => new Set(topics).size === topics.length, TOPICS_RIGHT),
);

const DEFAULT_TOPICS: readonly ChangeTopic[] = ["aggregated_metrics", "anomalies"];

const changesQuery = v.object({
  reader: v.optional(v.pipe(v.string(), v.regex(SERVICE_NAME, readerParam)), ""),
  topics: v.optional(topicsParam, DEFAULT_TOPICS.join(",")),
  limit: limitParam(LIMIT_DEFAULT, LIMIT_MAX),
});

const acknowledgement = v.object({
  reader: v.pipe(v.string(READER_RIGHT), v.regex(SERVICE_NAME, READER_RIGHT)),
  // 15 digits stay exact as a number.
  cursor: v.pipe(v.string(CURSOR_RIGHT), v.regex(/^\d{1,15}$/, CURSOR_RIGHT)),
});

/** A reader acknowledges by the token that it reads with: the cursor is nobody else's business, and changes no data. */
const requireReader = requireRole("viewer", "admin");

export const changesRoutes = new Hono<AppContext>()
  .get("/changes", requireReader, async (context) => {
    const query = parseQuery(changesQuery, context);
    if (query instanceof Response) return query;
    return context.json(await readChanges(context.env.DB, query));
  })
  .post("/changes/ack", requireReader, async (context) => {
    const body = await parseBody(acknowledgement, context);
    if (body instanceof Response) return body;
    const { reader, cursor } = body;
    const result = await acknowledgeChanges(context.env.DB, reader, cursor, Date.now());
    if (result.ok) return context.json({ reader, cursor: result.cursor });
    switch (result.reason) {
      case "unknown_cursor":
        return problem(409, result.reason, `cursor: ${CURSOR_RIGHT}; the newest change is ${result.newest}.`);
      case "too_many_readers": {
        const detail = `reader: there are ${READERS_MAX} already; GET /v1/changes/readers lists them, DELETE /v1/changes/readers/:reader forgets one.`;
        return problem(409, result.reason, detail);
      }
    }
  })
  .get("/changes/readers", requireReader, async (context) => {
    return context.json({ items: await listReaders(context.env.DB), next: null } satisfies Page<ChangeReader>);
  })
  .delete("/changes/readers/:reader", requireRole("admin"), async (context) => {
    const reader = context.req.param("reader");
    if (await forgetReader(context.env.DB, reader)) return context.body(null, 204);
    const shown = JSON.stringify(reader.slice(0, 63));
    return problem(
      404,
      "unknown_reader",
      `No reader ${shown} has acknowledged anything; GET /v1/changes/readers lists those that have.`,
    );
  });
