import { studyOutput } from './study';
import { tuneCell } from './tune';

export default [studyOutput, tuneCell];
