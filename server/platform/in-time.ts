/** What `answer` is, or `late` when it has not come after `ms`. It is not stopped; a failure that comes later is nobody's. */
export async function inTime<T>(answer: Promise<T>, ms: number, late: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<T>((resolve) => {
    timer = setTimeout(resolve, ms, late);
  });
  return Promise.race([answer, limit]).finally(() => clearTimeout(timer));
}
