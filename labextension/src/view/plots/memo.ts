/** What follows from the trials and is asked for in several places is worked out once. */
import type { Trial } from '../data/study';

const KEPT = 4; // results for a list, by setting

/** A function of a list of trials, which is a new list when anything has changed. */
export function remembered<T>(
  make: (trials: readonly Trial[], ...more: (string | boolean | number | null)[]) => T
): typeof make {
  const held = new WeakMap<readonly Trial[], Map<string, T>>();
  return (trials, ...more) => {
    const key = more.join();
    const ofList = held.get(trials) ?? new Map<string, T>();
    held.set(trials, ofList);
    if (!ofList.has(key)) {
      if (ofList.size >= KEPT) {
        ofList.clear(); // settings that change all the time, such as the time of day
      }
      ofList.set(key, make(trials, ...more));
    }
    return ofList.get(key)!;
  };
}
