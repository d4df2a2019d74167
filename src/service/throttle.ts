/** Tells `tell` how often it was called since it last told, at once and then at most every `ms`. */
export function atMostEvery(ms: number, tell: (count: number) => void): () => void {
  let count = 0;
  let resting = false;
  const say = (): void => {
    if (count === 0) {
      resting = false;
      return;
    }
    const told = count;
    count = 0;
    resting = true;
    setTimeout(say, ms).unref();
    tell(told);
  };
  return () => {
    count++;
    if (!resting) say();
  };
}
