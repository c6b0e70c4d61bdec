import { opened } from './opened';
import { panel } from './panel';
import { progress } from './progress';
import { studies } from './studies';
import { studyOutput } from './study';
import { tuneCell } from './tune';

export default [studyOutput, tuneCell, studies, panel, opened, progress];
