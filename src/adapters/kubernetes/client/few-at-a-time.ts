/**
 * What `work` answers for each item, in order, with at most `count` at work at once. After a
 * failure nothing new is begun, and it rejects with the first failure when all that had begun is
 * over: nothing goes on behind whoever cleans up.
 */
export async function fewAtATime<T, R>(
  items: readonly T[],
  count: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const answers: R[] = [];
  const failures: unknown[] = [];
  const queue = items.entries();
  const hand = async (): Promise<void> => {
    for (const [i, item] of queue) {
      if (failures.length > 0) return;
      try {
        answers[i] = await work(item);
      } catch (cause) {
        failures.push(cause);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, items.length) }, hand));
  if (failures.length > 0) throw failures[0];
  return answers;
}
