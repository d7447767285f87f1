/** Durable events with what people want to know beside them, as they go to those who are to be told. */
import type { Incident } from "../domain/incident.ts";
import { incidentLinks } from "../domain/incident-links.ts";
import type { DurableEvent } from "../domain/message.ts";
import type { Minute } from "../domain/minute.ts";
import type { MonitorState } from "../domain/monitor-state.ts";
import { sparkMinutes, sparkOf } from "../domain/spark.ts";
import type { Notice } from "../domain/subscriber.ts";

export interface NoticeSource {
  readonly state: MonitorState;
  readonly minuteOf: (minute: number) => Minute | undefined;
}

/** One an event, in order. */
export function noticesOf(events: readonly DurableEvent[], { state, minuteOf }: NoticeSource): Notice[] {
  if (events.length === 0) return [];
  const minutes = new Map(sparkMinutes(state.open_second ?? 0).map((minute) => [minute, minuteOf(minute)]));
  const { service, settings, tracker } = state;
  // Words of an incident that the tracker has left behind come alone.
  let incident: Incident | null = tracker.incident;
  return events.map((durable): Notice => {
    const { type: _, ...event } = durable;
    if ("incident" in event) incident = event.incident;
    const id = "incident" in event ? event.incident.id : event.narrative.incident_id;
    const own = incident?.id === id ? incident : null;
    return { event: { service, ...event }, owner: settings.owner, ...besides(id, own, state, minutes) };
  });
}

/** Events of a service must not stop at a mistake in what is only told beside them: it is left out then. */
function besides(
  id: string,
  incident: Incident | null,
  { open_second, settings }: MonitorState,
  minutes: ReadonlyMap<number, Minute | undefined>,
): Pick<Notice, "links" | "spark"> {
  const { links, slo } = settings;
  // Without its incident a link to traces leads nowhere.
  if (incident === null) return { links: { ...links, traces: null }, spark: null };
  try {
    const spark =
      open_second === null ? null : sparkOf(incident.metric_name, open_second, minutes, slo?.availability ?? null);
    return { links: incidentLinks(incident, links), spark };
  } catch (error) {
    console.error(`a change of ${id} is told without links and values, which is a mistake of the code`, error);
    return { links: { runbook: null, traces: null }, spark: null };
  }
}
