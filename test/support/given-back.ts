/**
 * How each thing that a test file got is given back, after the file; returns what was still open to it. Apart from what
 * gives such things (`stack.ts`), so that a file that asks for none loads none of it.
 */
export const givenBack: (() => Promise<string[]>)[] = [];

/** Gives everything back in reverse order. For the leak check only; returns what the file left open. */
export async function giveBackAll(): Promise<string[]> {
  const leaks: string[] = [];
  for (const giveBack of givenBack.splice(0).reverse()) leaks.push(...(await giveBack()));
  return leaks;
}
