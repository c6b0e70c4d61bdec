/** What can be done with an axis of parallel coordinates: set a range, move the axis. */
import type { HTMLAttributes, JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { number, value as told } from '../format';
import { OPEN } from '../table/filter';
import { bandOf, type Dimension } from './dimensions';
import { dragged, nudged, press, stepsOf, unitsOf, type Press } from './brush';
import type { Frame } from './lines';

type Pair = [number, number];

export interface AxisProps {
  axis: Dimension;
  k: number;
  frame: Frame;
  range: Pair | undefined;
  /** whether the Tab key leads to this one */
  active: boolean;
  /** `done`: the pointer has let go */
  setRange: (range: Pair | null, done: boolean) => void;
  /** make another axis the active one */
  go: (k: number, end: 0 | 1) => void;
  /** move the axis by so many places */
  move?: (by: number, end: 0 | 1) => void;
  /** it is being dragged to an x; null: no longer */
  drag?: (x: number | null, done: boolean) => void;
}

const HALF = 13; // px left and right of an axis that are its own
const GRIP = 7; // px from an end of a range
const STILL = 3; // px that a click may move
const CURSORS = { low: 'ns-resize', high: 'ns-resize', all: 'move', new: 'crosshair' };

/** What the pointer has hold of, since it went down. */
interface Hold {
  press: Press;
  y: number;
  moved: boolean;
  before: Pair | undefined;
}

export function AxisHandles(props: AxisProps): JSX.Element {
  const { axis, k, frame } = props;
  const strip = useStrip(props);
  const title = useTitle(props);
  return (
    <div
      role="group"
      aria-label={axis.title}
      class="jhpo-axis"
      style={{ left: `${frame.xs[k]! - HALF}px`, width: `${2 * HALF}px` }}
    >
      <div
        class={props.drag ? 'jhpo-axis-title jhpo-axis-moves' : 'jhpo-axis-title'}
        title={props.drag ? `${axis.title}: drag to move the axis` : axis.title}
        {...title}
      />
      <div
        class="jhpo-axis-strip"
        title={axis.choices ? 'click a choice, or drag over some' : undefined}
        style={{ top: `${frame.top - 4}px`, height: `${frame.bottom - frame.top + 8}px` }}
        {...strip}
      />
      <End {...props} end={1} />
      <End {...props} end={0} />
    </div>
  );
}

/** An end of the range, for the keyboard; the pointer takes the strip. */
function End(props: AxisProps & { end: 0 | 1 }): JSX.Element {
  const { axis, k, end, frame, range, active, setRange, go, move } = props;
  const units = range ? unitsOf(axis, range) : ([0, 1] as Pair);
  const onKeyDown = (event: KeyboardEvent): void => {
    const steps = stepsOf(event.key);
    const side = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (side !== undefined && event.altKey) {
      move?.(side, end);
    } else if (side !== undefined) {
      go(k + side, end);
    } else if (steps !== null) {
      setRange(nudged(axis, range, end, steps), true);
    } else if ((event.key === 'Escape' || event.key === 'Delete') && range) {
      setRange(null, true);
    } else {
      return;
    }
    event.preventDefault();
  };
  return (
    <div
      class={`jhpo-axis-end ${range ? 'jhpo-axis-set' : ''}`}
      data-end={`${k}-${end}`}
      role="slider"
      aria-orientation="vertical"
      aria-label={`${axis.title}, ${end ? 'upper' : 'lower'} end of the range`}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(units[end] * 100)}
      aria-valuetext={range ? endTold(axis, range[end], units[end], end) : 'not limited'}
      tabIndex={active ? 0 : -1}
      style={{ top: `${frame.bottom + (frame.top - frame.bottom) * units[end] - 6}px` }}
      onKeyDown={onKeyDown}
      onFocus={() => go(k, end)}
    />
  );
}

function endTold(axis: Dimension, x: number, unit: number, end: 0 | 1): string {
  if (axis.choices) {
    return told(axis.choices[bandOf(axis, unit + (end ? -1e-6 : 1e-6))]);
  }
  return Math.abs(x) >= OPEN ? 'not limited' : number(x);
}

/** Drag over an axis: a range; drag its ends or its middle: another one; click: none. */
function useStrip(props: AxisProps): HTMLAttributes<HTMLDivElement> {
  const { axis, k, frame, range, setRange, go } = props;
  const held = useRef<Hold | null>(null);
  const length = frame.bottom - frame.top;
  const unitAt = (event: PointerEvent): number => {
    const { bottom } = (event.currentTarget as Element).getBoundingClientRect();
    return Math.min(Math.max((bottom - 4 - event.clientY) / length, 0), 1);
  };
  const click = (at: number, { grip }: Press): void => {
    if (axis.choices) {
      const band = bandOf(axis, at);
      const only: Pair = [band - 0.5, band + 0.5];
      setRange(range && range[0] === only[0] && range[1] === only[1] ? null : only, true);
    } else if (grip === 'new' && range) {
      setRange(null, true);
    }
  };
  return {
    onPointerDown: event => {
      if (event.button === 0) {
        const at = unitAt(event);
        event.currentTarget.setPointerCapture(event.pointerId);
        const taken = press(axis, range, at, GRIP / length);
        held.current = { press: taken, y: event.clientY, moved: false, before: range };
        go(k, at > 0.5 ? 1 : 0);
        event.preventDefault();
      }
    },
    onPointerMove: event => {
      const at = unitAt(event);
      const now = held.current;
      if (!now) {
        const { grip } = press(axis, range, at, GRIP / length);
        event.currentTarget.style.cursor = CURSORS[grip];
      } else if (now.moved || Math.abs(event.clientY - now.y) > STILL) {
        now.moved = true;
        setRange(dragged(axis, now.press, at), false);
      }
    },
    onPointerUp: event => {
      const now = held.current;
      held.current = null;
      if (now?.moved) {
        setRange(dragged(axis, now.press, unitAt(event)), true);
      } else if (now) {
        click(unitAt(event), now.press);
      }
    },
    onPointerCancel: () => {
      const now = held.current;
      held.current = null;
      if (now?.moved) {
        setRange(now.before ?? null, true);
      }
    },
    onDblClick: () => setRange(null, true)
  };
}

/** Drag a title to where the axis is to stand. */
function useTitle({ k, frame, drag }: AxisProps): HTMLAttributes<HTMLDivElement> {
  const from = useRef<number | null>(null);
  if (!drag) {
    return {};
  }
  const x = (event: PointerEvent): number => frame.xs[k]! + event.clientX - from.current!;
  return {
    onPointerDown: event => {
      if (event.button === 0) {
        event.currentTarget.setPointerCapture(event.pointerId);
        from.current = event.clientX;
        event.preventDefault();
      }
    },
    onPointerMove: event => {
      if (from.current !== null) {
        drag(x(event), false);
      }
    },
    onPointerUp: event => {
      if (from.current !== null) {
        const to = x(event);
        from.current = null;
        drag(Math.abs(to - frame.xs[k]!) > STILL ? to : null, true);
      }
    },
    onPointerCancel: () => {
      from.current = null;
      drag(null, true);
    }
  };
}
