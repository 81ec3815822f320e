import type { Name } from "./name.ts";
import { type Path, Refusal } from "./refusal.ts";
import type { Inadmissibility } from "./rollback.ts";

/** The component would never have let this release initialise (rule 4.1.4); every reason is told. */
export class ReleaseInadmissible extends Refusal {
  readonly code = "RELEASE_INADMISSIBLE";
  readonly message: string;
  /** Where in the input the release stands. */
  readonly path: Path;
  readonly component: Name;
  readonly causes: readonly Inadmissibility[];
  constructor(path: Path, component: Name, causes: readonly Inadmissibility[]) {
    super();
    this.path = path;
    this.component = component;
    this.causes = causes;
    const why = causes.join(", ");
    this.message = `${path.join(".")}: the component does not admit this release (${why}): report its state if it is another than is recorded`;
  }

  /** The same with its path told otherwise. */
  at(path: Path): ReleaseInadmissible {
    return new ReleaseInadmissible(path, this.component, this.causes);
  }
}

/** A rotation would leave a FIRMWARE component without a free key slot. */
export class KeySlotsExhausted extends Refusal {
  readonly code = "KEY_SLOTS_EXHAUSTED";
  readonly message: string;
  /** Where in the input the key stands that needs a slot. */
  readonly path: Path;
  /** How many the component has. */
  readonly slots: number;
  /** How many are taken, by every key that was ever trusted. */
  readonly used: number;
  constructor(path: Path, slots: number, used: number) {
    super();
    this.path = path;
    this.slots = slots;
    this.used = used;
    this.message = `${path.join(".")}: of ${slots} key slots ${used} are used, and this rotation would leave none for the next key that leaks`;
  }

  /** The same with its path told otherwise. */
  at(path: Path): KeySlotsExhausted {
    return new KeySlotsExhausted(path, this.slots, this.used);
  }
}
