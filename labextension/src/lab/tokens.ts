/** What plugins of this extension give each other. */
import { Token } from '@lumino/coreutils';
import type { EditorSettings } from './editor/settings';
import type { Studies } from './studies';

/** What of the editor's help the user wants. */
export type IEditorSettings = EditorSettings;
export const IEditorSettings = new Token<IEditorSettings>('jupyter-hpo:IEditorSettings');

/** Which studies run or are paused. */
export type IStudies = Studies;
export const IStudies = new Token<IStudies>('jupyter-hpo:IStudies');
