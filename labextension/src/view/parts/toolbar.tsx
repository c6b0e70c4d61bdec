import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect } from 'preact/hooks';

interface Props {
  name: string;
  title: string;
  onClick: () => void;
  children: ComponentChildren;
  /** of the width that all of a kind have */
  wide?: boolean;
  primary?: boolean;
  /** cannot be pressed; it keeps the focus */
  off?: boolean;
  /** of a button that opens a form: whether it is open */
  expanded?: boolean;
}

export function ToolButton(props: Props): JSX.Element {
  const { name, title, onClick, children, wide, primary, off, expanded } = props;
  const classes = ['jhpo-button', wide && 'jhpo-wide', primary && 'jhpo-primary'];
  return (
    <button
      type="button"
      class={classes.filter(Boolean).join(' ')}
      data-name={name}
      title={title}
      aria-disabled={off ? 'true' : undefined}
      aria-expanded={expanded}
      onClick={() => !off && onClick()}
    >
      {children}
    </button>
  );
}

/** One stop for Tab; the arrows lead from button to button. */
export function useRoving(bar: { current: HTMLElement | null }): {
  onKeyDown: (event: KeyboardEvent) => void;
  onFocusIn: (event: FocusEvent) => void;
} {
  const buttons = (): HTMLElement[] => [
    ...(bar.current?.querySelectorAll<HTMLElement>('button[data-name]') ?? [])
  ];
  const stopAt = (chosen: HTMLElement | undefined): void =>
    buttons().forEach(each => (each.tabIndex = each === chosen ? 0 : -1));
  useLayoutEffect(() => {
    const all = buttons();
    stopAt(all.find(each => each.tabIndex === 0 && each.hasAttribute('tabindex')) ?? all[0]);
  });
  return {
    onFocusIn: ({ target }) => {
      const button = (target as HTMLElement).closest<HTMLElement>('button[data-name]');
      if (button) {
        stopAt(button);
      }
    },
    onKeyDown: event => {
      const all = buttons();
      const at = all.indexOf(event.target as HTMLElement);
      const next = at < 0 ? undefined : all[stepped(event.key, at, all.length)];
      if (next) {
        event.preventDefault();
        next.focus();
      }
    }
  };
}

function stepped(key: string, at: number, count: number): number {
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1 + count, Home: 0, End: count - 1 }[key];
  return to === undefined ? -1 : to % count;
}
