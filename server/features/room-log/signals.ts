type SignalListener = (roomId: string, text: string) => void;

export type Signals = ReturnType<typeof createSignals>;

/**
 * A word to all gateways that serve a room, unseen by its members and kept nowhere: "read the rules again". It may get lost; who
 * listens must find out by itself within seconds.
 */
export function createSignals(publish: (roomId: string, name: string, text: string) => Promise<unknown>) {
  const listeners = new Map<string, SignalListener[]>();

  return {
    on(name: string, listener: SignalListener): void {
      listeners.set(name, [...(listeners.get(name) ?? []), listener]);
    },
    hear(roomId: string, name: string, text: string): void {
      for (const listener of listeners.get(name) ?? []) listener(roomId, text);
    },
    async send(roomId: string, name: string, text = ''): Promise<void> {
      await publish(roomId, name, text).catch(() => undefined); // Lost, as the contract says it may.
    },
  };
}
