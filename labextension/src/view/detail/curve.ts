/** A curve as the path of a drawing that is 100 wide and 100 high. */

export interface Frame {
  left: number;
  right: number;
  bottom: number;
  top: number;
}

/** Steps and values. */
export type Curve = readonly [readonly number[], readonly number[]];

/** The frame that holds curves; null if they have no finite value. */
export function frameOf(curves: readonly Curve[]): Frame | null {
  const found: Frame = { left: Infinity, right: -Infinity, bottom: Infinity, top: -Infinity };
  for (const [steps, values] of curves) {
    values.forEach((x, i) => {
      const step = steps[i]!;
      if (Number.isFinite(x) && Number.isFinite(step)) {
        found.left = Math.min(found.left, step);
        found.right = Math.max(found.right, step);
        found.bottom = Math.min(found.bottom, x);
        found.top = Math.max(found.top, x);
      }
    });
  }
  return found.left > found.right ? null : found;
}

/** Where a point lies, in percent from the left and from the top. */
export function placed(frame: Frame, step: number, x: number): [number, number] {
  const share = (low: number, high: number, at: number): number =>
    high > low ? ((at - low) / (high - low)) * 100 : 50;
  return [share(frame.left, frame.right, step), 100 - share(frame.bottom, frame.top, x)];
}

/** A line through the points; what is not finite is a gap. */
export function path(frame: Frame, steps: readonly number[], values: readonly number[]): string {
  let drawing = '';
  let begun = false;
  values.forEach((x, i) => {
    if (!Number.isFinite(x)) {
      begun = false;
      return;
    }
    const [left, top] = placed(frame, steps[i]!, x);
    drawing += `${begun ? 'L' : 'M'}${left.toFixed(2)} ${top.toFixed(2)}`;
    begun = true;
  });
  return drawing;
}
