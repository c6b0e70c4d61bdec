/** What plugins of this extension give each other. */
import { Token } from '@lumino/coreutils';
import type { EditorSettings } from './editor/settings';

/** What of the editor's help the user wants. */
export type IEditorSettings = EditorSettings;
export const IEditorSettings = new Token<IEditorSettings>('jupyter-hpo:IEditorSettings');
