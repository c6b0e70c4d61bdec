/** What plugins of this extension give each other. */
import { Token } from '@lumino/coreutils';
import type { EditorSettings } from './editor/settings';
import type { Heard } from './heard';

/** What of the editor's help the user wants. */
export type IEditorSettings = EditorSettings;
export const IEditorSettings = new Token<IEditorSettings>('jupyter-hpo:IEditorSettings');

/** Which studies run or are paused. */
export type IHeard = Heard;
export const IHeard = new Token<IHeard>('jupyter-hpo:IHeard');
