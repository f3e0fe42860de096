/** Tells listeners what happened; `on` returns how to stop listening. */
export type Emitter<Events extends Record<string, unknown>> = {
  on<E extends keyof Events>(event: E, listener: (what: Events[E]) => void): () => void;
  emit<E extends keyof Events>(event: E, what: Events[E]): void;
};

export function createEmitter<Events extends Record<string, unknown>>(): Emitter<Events> {
  const listeners = new Map<keyof Events, Set<(what: never) => void>>();
  return {
    on(event, listener) {
      const listening = listeners.get(event) ?? new Set();
      listeners.set(event, listening.add(listener));
      return () => listening.delete(listener);
    },
    emit(event, what) {
      for (const listener of [...(listeners.get(event) ?? [])]) listener(what as never);
    },
  };
}
