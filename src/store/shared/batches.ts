/**
 * Does `act` on at most `size` things at a time, until it comes upon fewer; returns on how many in all.
 *
 * Each time is one transaction, which others wait for.
 */
export async function inBatches(size: number, act: (most: number) => Promise<number>): Promise<number> {
  for (let sum = 0; ;) {
    const some = await act(size);
    sum += some;
    if (some < size) return sum;
  }
}
