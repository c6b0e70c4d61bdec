import { tuneCell } from './tune';

export default [tuneCell];
