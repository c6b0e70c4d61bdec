import { completions } from './completions';
import { editorSupport } from './editor';
import { insertion } from './insert';
import { makeTunable } from './make-tunable';
import { steering } from './steer';
import { studies } from './studies';
import { studyOutput } from './study';
import { tuneCell } from './tune';

export default [
  studies,
  studyOutput,
  tuneCell,
  steering,
  insertion,
  editorSupport,
  completions,
  makeTunable
];
