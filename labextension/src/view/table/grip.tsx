import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { TableModel } from './model';
import { HEAD_HEIGHT, ROW_HEIGHT } from './sizes';

const LEAST = HEAD_HEIGHT + 3 * ROW_HEIGHT;
const MOST = HEAD_HEIGHT + 60 * ROW_HEIGHT;

interface Props {
  model: TableModel;
  height: number;
}

/** The grid's bottom edge: drag it, or use the arrow keys; a double click brings it back. */
export function Grip({ model, height }: Props): JSX.Element {
  const press = useRef<{ y: number; height: number } | null>(null);
  const set = (to: number): void => {
    model.height.value = Math.round(Math.min(Math.max(to, LEAST), MOST));
  };
  return (
    <div
      class="jhpo-t-grip"
      role="separator"
      aria-orientation="horizontal"
      aria-label="height of the table"
      aria-valuemin={LEAST}
      aria-valuemax={MOST}
      aria-valuenow={height}
      tabIndex={0}
      title="drag to make the table taller, double click for its usual height"
      onPointerDown={event => {
        press.current = { y: event.clientY, height };
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={event => {
        if (press.current) {
          set(press.current.height + event.clientY - press.current.y);
        }
      }}
      onLostPointerCapture={() => (press.current = null)}
      onDblClick={() => (model.height.value = 0)}
      onKeyDown={event => {
        const step = { ArrowUp: -1, ArrowDown: 1, PageUp: -5, PageDown: 5 }[event.key];
        if (step !== undefined || event.key === 'Home') {
          event.preventDefault();
          if (step === undefined) {
            model.height.value = 0;
          } else {
            set(height + step * ROW_HEIGHT);
          }
        }
      }}
    />
  );
}
