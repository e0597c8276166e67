/** Holds something up until a test lets it through. */
export class Gate {
  readonly opened: Promise<void>;
  readonly #resolve: () => void;

  constructor() {
    let resolve = () => {};
    this.opened = new Promise((done) => (resolve = done));
    this.#resolve = resolve;
  }

  open(): void {
    this.#resolve();
  }
}
