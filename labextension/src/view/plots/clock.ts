/** The time a study ran, as a line on which long breaks are short. */

type Interval = readonly [from: number, to: number];

/** A break in which nothing ran. */
export interface Break {
  /** where it begins and how long it is drawn, and how long it was, s */
  readonly at: number;
  readonly drawn: number;
  readonly real: number;
}

const LEAST = 20; // s that a break lasts to be cut short
const TIMES = 12; // and times as long as it is drawn
const SHARE = 0.02; // of the time that something ran, as which a break is drawn

export class Clock {
  readonly breaks: readonly Break[];
  /** length of it all */
  readonly end: number;
  /** corners of the line from the time of day to the time drawn */
  private readonly times: number[] = [];
  private readonly places: number[] = [];

  /** From when to when something ran; `cut` has long breaks cut short. */
  constructor(busy: readonly Interval[], cut: boolean) {
    const parts = union(busy);
    const ran = parts.reduce((sum, [from, to]) => sum + to - from, 0);
    const short = Math.max(ran * SHARE, 1e-3);
    const breaks: Break[] = [];
    let at = 0;
    parts.forEach(([from, to], i) => {
      const before = parts[i - 1];
      if (before) {
        const real = from - before[1];
        const long = cut && real > LEAST && real > TIMES * short;
        if (long) {
          breaks.push({ at, drawn: short, real });
        }
        at += long ? short : real;
      }
      this.corner(from, at);
      at += to - from;
      this.corner(to, at);
    });
    this.breaks = breaks;
    this.end = at;
  }

  /** Where a time of day stands. */
  place(time: number): number {
    const { times, places } = this;
    const last = times.length - 1;
    if (last < 0) {
      return 0;
    }
    if (time <= times[0]! || time >= times[last]!) {
      const end = time <= times[0]! ? 0 : last;
      return places[end]! + time - times[end]!;
    }
    let [low, high] = [0, last];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (times[middle]! <= time) {
        low = middle;
      } else {
        high = middle;
      }
    }
    const length = times[high]! - times[low]!;
    const share = length > 0 ? (time - times[low]!) / length : 0;
    return places[low]! + share * (places[high]! - places[low]!);
  }

  private corner(time: number, place: number): void {
    this.times.push(time);
    this.places.push(place);
  }
}

/** Intervals as ones that do not touch, in order. */
export function union(intervals: readonly Interval[]): Interval[] {
  const ordered = intervals.filter(([from, to]) => to >= from).sort((a, b) => a[0] - b[0]);
  const found: [number, number][] = [];
  for (const [from, to] of ordered) {
    const last = found.at(-1);
    if (last && from <= last[1]) {
      last[1] = Math.max(last[1], to);
    } else {
      found.push([from, to]);
    }
  }
  return found;
}

/** What is left of an interval without the `holes`. */
export function without([from, to]: Interval, holes: readonly Interval[]): Interval[] {
  const left: Interval[] = [];
  let at = from;
  for (const [start, end] of union(holes)) {
    if (start > at) {
      left.push([at, Math.min(start, to)]);
    }
    at = Math.max(at, end);
    if (at >= to) {
      return left;
    }
  }
  left.push([at, to]);
  return left;
}
