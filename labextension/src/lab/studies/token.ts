import { Token } from '@lumino/coreutils';
import type { Studies } from './model';

/** The studies that this page knows of. */
export const IStudies = new Token<Studies>('jupyter-hpo:IStudies', 'All hyperparameter studies, running and stored.');
export type IStudies = Studies;
