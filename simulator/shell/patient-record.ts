import type { ControlId, PatientIdentifiers } from '../../protocol/index.ts';

/** Whose pump it is, as the pump keeps it: from one "new patient: yes" to the next, over losses of power too. */
export class PatientRecord {
  readonly #controls: ReadonlySet<ControlId>;
  #current: PatientIdentifiers | null = null;
  #text = '';

  constructor(controls: ReadonlySet<ControlId>) {
    this.#controls = controls;
  }

  get current(): PatientIdentifiers | null {
    return this.#current;
  }

  admitted(patient: PatientIdentifiers): void {
    this.#current = patient;
    this.#text = `,"patient":${JSON.stringify(patient)}`;
  }

  /**
   * The one place of `phi-minimization`: what a pump adds to status, telemetry and events, as old pumps do. With the control, nothing:
   * who the patient is stands in `pumps/<serial>/patient` alone.
   */
  inClear(): { readonly patient?: PatientIdentifiers } {
    if (this.#current === null || this.#controls.has('phi-minimization')) return {};
    return { patient: this.#current };
  }

  /** The same as the last member of a JSON object that has others: `,"patient":{…}`, or nothing. */
  inClearText(): string {
    return this.#text === '' || this.#controls.has('phi-minimization') ? '' : this.#text;
  }
}
