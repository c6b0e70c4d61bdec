import type { ComponentType } from 'preact';
import type { View } from '../context';
import type { Study } from '../data/study';

/** A tab of the view. A new plot is one file that has such an object, and a line in `index.ts`. */
export interface Plot {
  /** names it in what is remembered and in file names */
  id: string;
  /** the tab's label */
  title: string;
  /** fills the tab's panel, whose height does not depend on the plot */
  View: ComponentType<{ height: number }>;
  /** its switches, right of the tabs; they and the view share what `ui.remember` holds */
  Tools?: ComponentType;
  /** what the plot shows, in a sentence or two, for those who do not see it */
  summary: (study: Study, view: View) => string;
  /** reads what the summary depends on besides the study */
  follows?: (view: View) => void;
}
