// `lib/view.js` is the bundle that build-view.mjs makes of src/view.
export * from './view/index';
