/** The keyboard in a list of rows with buttons: one stop of the Tab key, arrows from row to row. */
import { useLayoutEffect } from 'preact/hooks';

const ROW = '[data-row], [data-uid]';

interface Handlers {
  onKeyDown(event: KeyboardEvent): void;
  onFocusCapture(event: FocusEvent): void;
}

/** Handlers of the list's element; `open` is called with the uid of the row Enter is pressed on. */
export function useRows(
  root: { readonly current: HTMLElement | null },
  open: (uid: string) => void
): Handlers {
  const rows = (): HTMLElement[] => [...(root.current?.querySelectorAll<HTMLElement>(ROW) ?? [])];
  const rowOf = (target: EventTarget | null): HTMLElement | null =>
    (target as HTMLElement | null)?.closest<HTMLElement>(ROW) ?? null;
  const enter = (row: HTMLElement): void => {
    for (const each of rows()) {
      each.tabIndex = each === row ? 0 : -1;
      each.querySelectorAll('button').forEach(button => (button.tabIndex = each === row ? 0 : -1));
    }
  };
  useLayoutEffect(() => {
    // rows come and go: one of them can always be reached
    const all = rows();
    const at = all.find(row => row.contains(document.activeElement)) ?? all.find(row => row.tabIndex === 0) ?? all[0];
    if (at) {
      enter(at);
    }
  });
  return {
    onFocusCapture: event => {
      const row = rowOf(event.target);
      if (row) {
        enter(row);
      }
    },
    onKeyDown: event => {
      const row = rowOf(event.target);
      if (!row) {
        return;
      }
      const all = rows();
      const at = all.indexOf(row);
      const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
      if (to !== undefined) {
        all[Math.min(Math.max(to, 0), all.length - 1)]!.focus();
      } else if (event.key === 'Enter' && event.target === row && row.dataset['uid']) {
        open(row.dataset['uid']);
      } else if ((event.key === 'ArrowLeft' || event.key === 'ArrowRight') && row.dataset['uid']) {
        const stops = [row, ...row.querySelectorAll('button')];
        const step = event.key === 'ArrowRight' ? 1 : -1;
        stops[stops.indexOf(event.target as HTMLElement) + step]?.focus();
      } else {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    }
  };
}
