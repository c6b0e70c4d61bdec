import { completions } from './completions';
import { editorSupport } from './editor';
import { insertion } from './insert';
import { makeTunable } from './make-tunable';
import { opened } from './opened';
import { panel } from './panel';
import { progress } from './progress';
import { steering } from './steer';
import { studies } from './studies';
import { studyOutput } from './study';
import { tuneCell } from './tune';

export default [
  studyOutput,
  tuneCell,
  steering,
  insertion,
  editorSupport,
  completions,
  makeTunable,
  studies,
  panel,
  opened,
  progress
];
