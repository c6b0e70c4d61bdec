import type { ComponentChildren, JSX } from 'preact';
import { useId, useState } from 'preact/hooks';

interface Props {
  title: ComponentChildren;
  children: () => ComponentChildren;
  /** where it is kept elsewhere: whether it is open */
  open?: boolean;
  flip?: () => void;
}

/** A line that opens what is below it; that is only made when it is open. */
export function Fold({ title, children, open, flip }: Props): JSX.Element {
  const [mine, setMine] = useState(false);
  const id = useId();
  const shown = open ?? mine;
  return (
    <div class="jhpo-folded">
      <button
        type="button"
        class="jhpo-fold-line"
        aria-expanded={shown}
        aria-controls={id}
        onClick={flip ?? (() => setMine(!mine))}
      >
        <span aria-hidden="true">{shown ? '▾' : '▸'}</span> {title}
      </button>
      <div id={id} hidden={!shown}>
        {shown && children()}
      </div>
    </div>
  );
}
