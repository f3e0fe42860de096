/** What is used of engine.io and ws beyond their types: options of ws that each new connection gets. */
type Engine = { ws: { options: { allowSynchronousEvents: boolean } } };

/**
 * Has each connection give one message in a turn of the event loop, however many came at once. ws would hand over all that it read in one go, hundreds of
 * a flood, and everybody else would wait behind them; like this they go in turn with one of each. Call before anybody can have come.
 */
export function oneMessageATurn(engine: unknown): void {
  (engine as Engine).ws.options.allowSynchronousEvents = false;
}
