/** The plots, in the order of their tabs. */
import { contour } from './contour';
import { curves } from './curves';
import { edf } from './edf';
import { history } from './history';
import { importance } from './importance';
import { parallel } from './parallel';
import type { Plot } from './plot';
import { slice } from './slice';
import { timeline } from './timeline';

export const PLOTS: readonly Plot[] = [
  history,
  curves,
  parallel,
  importance,
  slice,
  contour,
  timeline,
  edf
];
