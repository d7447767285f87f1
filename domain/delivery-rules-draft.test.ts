import { expect, it } from "vitest";
import { DeliveryWorld } from "../tests/delivery-world.ts";
import { RulesDraft } from "./delivery-rules-draft.ts";

it("a draft reads what it wrote, once: of incidents, of who is in a group, of how many of it are open", () => {
  const world = new DeliveryWorld({ group_wait_s: 0 });
  for (const id of ["a", "b", "c"]) world.open(id);
  const { wish, now_ms } = world;
  const rules = { subscription_id: "sub_1", disabled: null, tells_acknowledged: false, silences: [] };
  const draft = new RulesDraft(world, { ...rules, wish, now_ms });
  draft.putGroup({ ...draft.group("a")!, key: "other", open: 0 });
  draft.putIncident({ ...draft.incident("a")!, severity: "critical" });
  draft.putIncident({ ...draft.incident("b")!, status: "resolved" });
  draft.putIncident({ ...draft.incident("c")!, group_key: "other" });
  const members = draft.members("a").map(({ incident_id, severity, status }) => `${incident_id} ${severity} ${status}`);
  expect(members.toSorted()).toEqual(["a critical open", "b high resolved"]);
  expect([draft.group("a")!.open, draft.group("other")!.open]).toEqual([1, 1]);
  expect(world.group("a")!.open).toBe(3);
});
