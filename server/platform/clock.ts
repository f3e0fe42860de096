/** Ms. Rules take it as a parameter, so that a test can say what time it is. */
export type Clock = () => number;

/** Unix epoch. */
export const systemClock: Clock = () => Date.now();

/** Ms since this process began. For how long something takes: it does not jump when the clock of the machine is set. */
export const steadyClock: Clock = () => performance.now();
