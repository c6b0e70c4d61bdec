/** What is needed for `%%tune` cells alone: a script of its own, fetched when there is one. */
export { analystOf } from './editor/analyst';
export { support } from './editor/support';
export { tuneSelection } from './editor/tunable';
export { intoCell, intoDeclarations } from './insert/write';
export { bestOf } from './insert/best';
export { completionsAt } from './language/complete';
