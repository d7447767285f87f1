/**
 * Which services may write: the Fleet decides and this isolate remembers. A name that was admitted stays so, hence it is asked
 * for again only to learn of a quarantine or a deletion; while the Fleet is down, what is remembered holds.
 */
import { type Admission, ADMISSION_REMEMBERED_MS, type AdmissionRequest, type FleetPort } from "../domain/fleet.ts";

export interface Standing {
  readonly admission: Admission;
  /** False when the Fleet could not be asked: then only an object that exists may apply. */
  readonly confirmed: boolean;
}

export class Admissions {
  readonly #known = new Map<string, { admission: Admission; until_ms: number }>();

  /** What holds for each of the services, in their order. A refusal is asked for each time: its marks must be durable. */
  async of(fleet: Pick<FleetPort, "admit">, request: AdmissionRequest, now_ms: number): Promise<Standing[]> {
    const unsure = request.services.filter((service) => (this.#known.get(service)?.until_ms ?? -Infinity) <= now_ms);
    const answers = unsure.length === 0 ? [] : await this.#ask(fleet, { ...request, services: unsure }, now_ms);
    const fresh = new Map(answers.map((admission) => [admission.service, admission]));
    return request.services.map((service) => {
      const admission = fresh.get(service) ?? this.#known.get(service)?.admission;
      if (admission !== undefined) return { admission, confirmed: true };
      return { admission: { service, status: "admitted", refusals: [] }, confirmed: false };
    });
  }

  async #ask(
    fleet: Pick<FleetPort, "admit">,
    request: AdmissionRequest,
    now_ms: number,
  ): Promise<readonly Admission[]> {
    try {
      const answers = await fleet.admit(request);
      for (const admission of answers) {
        if (admission.status === "admitted")
          this.#known.set(admission.service, { admission, until_ms: now_ms + ADMISSION_REMEMBERED_MS });
        else this.#known.delete(admission.service);
      }
      return answers;
    } catch (error) {
      // Ingest goes on without the Fleet: known services as before, unknown names only where their object exists.
      console.warn("the fleet could not be asked for admission", error);
      return [];
    }
  }

  /** The object of this service could not be reached: the reason may be known to the Fleet by now. */
  forget(service: string): void {
    this.#known.delete(service);
  }
}
