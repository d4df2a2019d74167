type Release = () => Promise<void> | void;

/** What has to be closed: last opened, first closed, each once. */
export interface Releases {
  /** What is opened too late is closed at once. */
  push(release: Release): void;
  run(): Promise<void>;
}

export function createReleases(): Releases {
  const releases: Release[] = [];
  let over = false;
  return {
    push: (release) => {
      if (over) void release();
      else releases.push(release);
    },
    run: async () => {
      over = true;
      for (let release = releases.pop(); release; release = releases.pop()) await release();
    },
  };
}
