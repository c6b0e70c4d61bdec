import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

const EDGE = 8; // px that are left free at the edges of the window

interface Props {
  label: string;
  /** the button that it belongs to */
  near: HTMLElement;
  onClose: () => void;
  children: ComponentChildren;
}

/** A box in the top layer under its button; a press elsewhere, Escape and scrolling close it. */
export function Popover({ label, near, onClose, children }: Props): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  close.current = onClose;
  useLayoutEffect(() => {
    const element = box.current!;
    element.showPopover();
    place(element, near.getBoundingClientRect());
    element.querySelector<HTMLElement>('input, button, select')?.focus({ preventScroll: true });
    const leave = (event?: Event): void => {
      if (!event?.composedPath().includes(element)) {
        element.hidePopover();
      }
    };
    const toggled = (event: Event): void => {
      if ((event as ToggleEvent).newState === 'closed') {
        close.current();
      }
    };
    element.addEventListener('toggle', toggled);
    window.addEventListener('scroll', leave, true);
    window.addEventListener('resize', leave);
    return () => {
      giveBack(element, near);
      element.removeEventListener('toggle', toggled);
      window.removeEventListener('scroll', leave, true);
      window.removeEventListener('resize', leave);
    };
  }, [near]);
  return (
    <div ref={box} popover="auto" class="jhpo-t-popover" role="dialog" aria-label={label}>
      {children}
    </div>
  );
}

/** Whoever used the box goes on from its button, or from the grid if that has gone. */
function giveBack(element: HTMLElement, near: HTMLElement): void {
  const root = element.getRootNode() as ShadowRoot | Document;
  const active = root.activeElement;
  if (active !== null && !element.contains(active)) {
    return;
  }
  setTimeout(() => {
    const to = near.isConnected
      ? near
      : root.querySelector<HTMLElement>('.jhpo-grid [data-column][tabindex="0"]');
    to?.focus({ preventScroll: true });
  });
}

function place(element: HTMLElement, at: DOMRect): void {
  const { clientWidth, clientHeight } = document.documentElement;
  const { width, height } = element.getBoundingClientRect();
  const left = Math.max(Math.min(at.left, clientWidth - width - EDGE), EDGE);
  const below = clientHeight - at.bottom - EDGE;
  const up = height > below && at.top > below;
  element.style.left = `${left}px`;
  element.style.maxHeight = `${Math.max(up ? at.top : below, 120) - EDGE}px`;
  if (up) {
    element.style.bottom = `${clientHeight - at.top + 2}px`;
  } else {
    element.style.top = `${at.bottom + 2}px`;
  }
}
