import { completions } from './completions';
import { editorSupport } from './editor';
import { makeTunable } from './make-tunable';
import { studyOutput } from './study';
import { tuneCell } from './tune';

export default [studyOutput, tuneCell, editorSupport, completions, makeTunable];
