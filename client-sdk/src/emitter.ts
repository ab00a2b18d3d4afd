/** Listeners by the name of an event. A listener added twice is called once. */
export class Emitter<Events extends Record<keyof Events, unknown>> {
  readonly #listeners: { [Name in keyof Events]?: Set<(event: Events[Name]) => void> } = {};

  /** Returns what takes the listener away again. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
    const listeners = this.#listeners[name] ?? new Set<(event: Events[Name]) => void>();
    this.#listeners[name] = listeners;
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }

  /** Calls everybody who listened when it began. What a listener throws becomes an uncaught error, after the rest were called. */
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    const failures: unknown[] = [];
    for (const listener of [...(this.#listeners[name] ?? [])]) {
      try {
        listener(event);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) reportLater(failures);
  }
}

/** A listener's fault is the application's: it must not stop the sync, and must not be hidden either. */
const reportLater = (failures: readonly unknown[]): void => {
  for (const failure of failures) {
    queueMicrotask(() => {
      throw failure;
    });
  }
};
