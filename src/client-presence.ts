/** Called when the client leaves. */
type LeaveListener = () => void;

/**
 * Whether the client of an operation is still there. A signal is created when it is first asked for: most operations only
 * need a listener, and a signal is expensive to create and to collect.
 */
export class ClientPresence {
  readonly #listeners: LeaveListener[] = [];
  #controller: AbortController | null = null;
  #hasLeft = false;

  /** Whether the client has disconnected or ended the operation. */
  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  /** Aborts when the client leaves. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#hasLeft) this.#controller.abort();
    return this.#controller.signal;
  }

  /** Call a listener when the client leaves. It must not have left. */
  onLeave(listener: LeaveListener): void {
    this.#listeners.push(listener);
  }

  /** Do not call a listener any more. */
  forget(listener: LeaveListener): void {
    const at = this.#listeners.indexOf(listener);
    if (at >= 0) this.#listeners.splice(at, 1);
  }

  /** Note that the client has left. */
  leave(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#controller?.abort();
    for (const listener of this.#listeners.splice(0)) listener();
  }
}
