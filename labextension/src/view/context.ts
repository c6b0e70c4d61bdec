import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Asker } from './data/host';
import type { Study } from './data/study';
import type { Ui } from './data/ui';

/** What every part of a view works with. */
export interface View {
  study: Study;
  ui: Ui;
  asker: Asker;
}

export const ViewContext = createContext<View | null>(null);

export function useView(): View {
  const view = useContext(ViewContext);
  if (view === null) {
    throw new Error('no view around this component');
  }
  return view;
}
