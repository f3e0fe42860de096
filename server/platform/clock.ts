/** Unix epoch, ms. Rules take it as a parameter, so that a test can say what time it is. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();
